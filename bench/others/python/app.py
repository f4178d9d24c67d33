"""The lookup as Python does it: FastAPI in front, one aiohttp session behind, a process for each core."""

import asyncio
import os
import re
from contextlib import asynccontextmanager

import aiohttp
import orjson
from cachetools import TTLCache
from fastapi import FastAPI, Request, Response

SUGAR, HUBSPOT, ERP = (os.environ[name] for name in ("SUGAR", "HUBSPOT", "ERP"))
TOKEN = os.environ["TOKEN"]
TIMEOUT = float(os.environ["TIMEOUT_MS"]) / 1000
HEADERS = {"Authorization": "Bearer bench", "Content-Type": "application/json"}
ACTIONS = ["CallFlow", "CreateCase", "CreateTicket"]
NUMBER = re.compile(r"(?:(?:00)?41|0)([1-9]\d{8})")
NO_DIGIT = re.compile(r"\D")

answers = TTLCache(maxsize=10_000, ttl=300)
session = None


@asynccontextmanager
async def lifespan(_):
    global session
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
    session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=TIMEOUT))
    yield
    await session.close()


app = FastAPI(lifespan=lifespan, openapi_url=None)


async def ask(method, url, body=None):
    try:
        async with session.request(method, url, data=body, headers=HEADERS) as reply:
            return orjson.loads(await reply.read()) if reply.status == 200 else None
    except (aiohttp.ClientError, asyncio.TimeoutError, ValueError):
        return None


def owns(stored, digits):
    return isinstance(stored, str) and NO_DIGIT.sub("", stored).endswith(digits)


def from_sugar(body, digits):
    for it in body["records"]:
        if owns(it["phone_work"], digits) or owns(it["phone_mobile"], digits):
            yield (it["name"], it["account_name"], it["email"][0]["email_address"],
                   f"{SUGAR}/#Contacts/{it['id']}", f"{SUGAR}/#Accounts/{it['account_id']}",
                   f"sugar:Contacts/{it['id']}", "Sugar CRM", "https://cdn.example.com/sugar.svg")


def from_hubspot(body, digits):
    for it in body["results"]:
        of = it["properties"]
        if owns(of["phone"], digits) or owns(of["mobilephone"], digits):
            yield (f"{of['firstname']} {of['lastname']}", of["company"], of["email"], it["url"],
                   f"https://app.hubspot.com/contacts/1000001/record/0-2/{of['associatedcompanyid']}",
                   f"hubspot:{it['id']}", "HubSpot", "https://cdn.example.com/hubspot.svg")


def from_erp(body, digits):
    for it in body["items"]:
        if owns(it["phones"]["work"], digits) or owns(it["phones"]["mobile"], digits):
            yield (it["person"]["name"], it["company"]["name"], it["email"],
                   f"{ERP}/contacts/{it['id']}", f"{ERP}/companies/{it['company']['id']}",
                   f"erp:{it['id']}", "ERP", "https://cdn.example.com/erp.svg")


def merged(records):
    people = {}
    for name, company, email, contact_uri, company_uri, id, crm, logo in records:
        known = people.get((name.lower(), email.lower()))
        if known:
            known["id"] += "," + id
            known["customData"][crm] = contact_uri
        else:
            people[name.lower(), email.lower()] = {
                "name": name, "company": company, "contactUri": contact_uri, "companyUri": company_uri, "id": id,
                "crmName": crm, "crmLogo": logo, "crmActions": ACTIONS, "customData": {},
            }
    return orjson.dumps(list(people.values()))


def send(body, complete):
    return Response(body, media_type="application/json",
                    headers={"X-Lookup-Complete": "true" if complete else "false"})


@app.get("/Lookup")
async def lookup(request: Request):
    if request.headers.get("x-execution-token") != TOKEN:
        return Response(status_code=401)
    number = NUMBER.fullmatch(NO_DIGIT.sub("", request.query_params.get("PhoneNumber", "")))
    if not number:
        return send(b"[]", True)
    digits = number[1]
    known = answers.get(digits)
    if known is not None:
        return send(known, True)
    bodies = await asyncio.gather(
        ask("POST", f"{SUGAR}/rest/v11/globalsearch",
            '{"q":"%s","module_list":"Contacts,Leads,Accounts","max_num":20}' % digits),
        ask("POST", f"{HUBSPOT}/crm/objects/2026-09/contacts/search",
            '{"filterGroups":[{"filters":[{"propertyName":"hs_searchable_calculated_phone_number","operator":"EQ","value":"%s"}]}],"limit":20}' % digits),
        ask("GET", f"{ERP}/api/contacts?phone={digits}&perPage=50"),
    )
    readers = zip(bodies, (from_sugar, from_hubspot, from_erp))
    records = [record for body, read in readers if body for record in read(body, digits)]
    text = merged(records)
    complete = all(bodies)
    if complete:
        answers[digits] = text
    return send(text, complete)
