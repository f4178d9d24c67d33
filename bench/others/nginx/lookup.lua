-- Asks the three CRMs at once by subrequests, maps and merges their replies, caches the result.
-- Like the gateway it checks the token, reads the number, drops hits that do not own it, answers
-- with what came in time, and counts.

local cjson = require "cjson.safe"
local capture = ngx.location.capture_multi
local answers = ngx.shared.answers
cjson.encode_escape_forward_slash = cjson.encode_escape_forward_slash or function() end
cjson.encode_escape_forward_slash(false)

local TTL = 300
local EMPTY_TTL = 30
local ACTIONS = { "CallFlow", "CreateCase", "CreateTicket" }

local M = {}

-- The national digits of a Swiss number.
local function national(text)
    local digits = ngx.re.gsub(text, "[^0-9]", "", "jo")
    return ngx.re.match(digits, "^(?:00)?41([1-9][0-9]{8})$", "jo") or ngx.re.match(digits, "^0([1-9][0-9]{8})$", "jo")
end

local function owns(stored, digits)
    if type(stored) ~= "string" then return false end
    local plain = ngx.re.gsub(stored, "[^0-9]", "", "jo")
    return plain:sub(-9) == digits
end

local function from_sugar(body, digits)
    for _, record in ipairs(body.records or {}) do
        if owns(record.phone_work, digits) or owns(record.phone_mobile, digits) then
            return {
                name = record.name, company = record.account_name, email = record.email[1].email_address,
                contact_uri = ngx.var.sugar_root .. "/#Contacts/" .. record.id,
                company_uri = ngx.var.sugar_root .. "/#Accounts/" .. record.account_id,
                id = "sugar:Contacts/" .. record.id, crm = "Sugar CRM", logo = "https://cdn.example.com/sugar.svg",
            }
        end
    end
end

local function from_hubspot(body, digits)
    for _, object in ipairs(body.results or {}) do
        local of = object.properties
        if owns(of.phone, digits) or owns(of.mobilephone, digits) then
            return {
                name = of.firstname .. " " .. of.lastname, company = of.company, email = of.email,
                contact_uri = object.url,
                company_uri = "https://app.hubspot.com/contacts/1000001/record/0-2/" .. of.associatedcompanyid,
                id = "hubspot:" .. object.id, crm = "HubSpot", logo = "https://cdn.example.com/hubspot.svg",
            }
        end
    end
end

local function from_erp(body, digits)
    for _, item in ipairs(body.items or {}) do
        if owns(item.phones.work, digits) or owns(item.phones.mobile, digits) then
            return {
                name = item.person.name, company = item.company.name, email = item.email,
                contact_uri = ngx.var.erp_root .. "/contacts/" .. item.id,
                company_uri = ngx.var.erp_root .. "/companies/" .. item.company.id,
                id = "erp:" .. item.id, crm = "ERP", logo = "https://cdn.example.com/erp.svg",
            }
        end
    end
end

local READERS = { from_sugar, from_hubspot, from_erp }

-- Records of one person, by name and e-mail address, become one contact.
local function merged(records)
    local contacts, by_person = {}, {}
    for _, record in ipairs(records) do
        local key = record.name:lower() .. "|" .. record.email:lower()
        local contact = by_person[key]
        if contact then
            contact.id = contact.id .. "," .. record.id
            contact.customData[record.crm] = record.contact_uri
        else
            contact = {
                name = record.name, company = record.company, contactUri = record.contact_uri,
                companyUri = record.company_uri, id = record.id, crmName = record.crm, crmLogo = record.logo,
                crmActions = ACTIONS, customData = {},
            }
            by_person[key] = contact
            contacts[#contacts + 1] = contact
        end
    end
    return #contacts > 0 and cjson.encode(contacts) or "[]"
end

local function send(body, complete)
    ngx.header["Content-Length"] = #body
    ngx.header["X-Lookup-Complete"] = complete and "true" or "false"
    ngx.print(body)
end

function M.answer()
    if ngx.var.http_x_execution_token ~= ngx.var.token then return ngx.exit(401) end
    local number = national(ngx.var.arg_PhoneNumber or "")
    if not number then return send("[]", true) end
    local digits = number[1]
    local known = answers:get(digits)
    if known then return send(known, true) end

    local replies = { capture {
        { "/up/sugar", { method = ngx.HTTP_POST, body = '{"q":"' .. digits .. '","module_list":"Contacts,Leads,Accounts","max_num":20}' } },
        { "/up/hubspot", { method = ngx.HTTP_POST, body = '{"filterGroups":[{"filters":[{"propertyName":"hs_searchable_calculated_phone_number","operator":"EQ","value":"' .. digits .. '"}]}],"limit":20}' } },
        { "/up/erp", { method = ngx.HTTP_GET, args = "phone=" .. digits .. "&perPage=50" } },
    } }
    local records, complete = {}, true
    for place, reply in ipairs(replies) do
        local body = reply.status == 200 and not reply.truncated and cjson.decode(reply.body)
        if body then
            records[#records + 1] = READERS[place](body, digits)
        else
            complete = false
        end
    end
    local text = merged(records)
    if complete then answers:set(digits, text, #records > 0 and TTL or EMPTY_TTL) end
    send(text, complete)
end

return M
