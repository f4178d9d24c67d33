// The lookup as Node does it: fastify in front, undici pools behind, a process for each core.
'use strict'
const cluster = require('node:cluster')
const { PORT, SUGAR, HUBSPOT, ERP, TOKEN, TIMEOUT_MS, WORKERS } = process.env

if (cluster.isPrimary) {
  for (let i = 0; i < Number(WORKERS); i++) cluster.fork()
  process.on('SIGTERM', () => process.exit(0))
} else {
  serve()
}

function serve () {
  const { Pool } = require('undici')
  const { LRUCache } = require('lru-cache')
  const fastify = require('fastify')({ logger: false, keepAliveTimeout: 60_000 })
  const timeout = Number(TIMEOUT_MS)
  const pool = (origin) => new Pool(origin, { connections: 512, pipelining: 1, keepAliveTimeout: 60_000 })
  const pools = { sugar: pool(SUGAR), hubspot: pool(HUBSPOT), erp: pool(ERP) }
  const answers = new LRUCache({ max: 10_000, ttl: 300_000 })
  const headers = { authorization: 'Bearer bench', 'content-type': 'application/json' }
  const actions = ['CallFlow', 'CreateCase', 'CreateTicket']

  const ask = async (pool, method, path, body) => {
    // One timer a request; undici's own timeouts are coarser than this.
    const stop = new AbortController()
    const timer = setTimeout(() => stop.abort(), timeout)
    try {
      const reply = await pool.request({ method, path, body, headers, signal: stop.signal })
      if (reply.statusCode !== 200) { await reply.body.dump(); return null }
      return await reply.body.json()
    } catch {
      return null
    } finally {
      clearTimeout(timer)
    }
  }
  const owns = (stored, digits) => typeof stored === 'string' && stored.replace(/\D/g, '').endsWith(digits)

  const fromSugar = (body, digits) => body.records
    .filter((it) => owns(it.phone_work, digits) || owns(it.phone_mobile, digits))
    .map((it) => ({
      name: it.name, company: it.account_name, email: it.email[0].email_address,
      contactUri: `${SUGAR}/#Contacts/${it.id}`, companyUri: `${SUGAR}/#Accounts/${it.account_id}`,
      id: `sugar:Contacts/${it.id}`, crm: 'Sugar CRM', logo: 'https://cdn.example.com/sugar.svg'
    }))
  const fromHubspot = (body, digits) => body.results
    .filter((it) => owns(it.properties.phone, digits) || owns(it.properties.mobilephone, digits))
    .map(({ id, url, properties: of }) => ({
      name: `${of.firstname} ${of.lastname}`, company: of.company, email: of.email,
      contactUri: url, companyUri: `https://app.hubspot.com/contacts/1000001/record/0-2/${of.associatedcompanyid}`,
      id: `hubspot:${id}`, crm: 'HubSpot', logo: 'https://cdn.example.com/hubspot.svg'
    }))
  const fromErp = (body, digits) => body.items
    .filter((it) => owns(it.phones.work, digits) || owns(it.phones.mobile, digits))
    .map((it) => ({
      name: it.person.name, company: it.company.name, email: it.email,
      contactUri: `${ERP}/contacts/${it.id}`, companyUri: `${ERP}/companies/${it.company.id}`,
      id: `erp:${it.id}`, crm: 'ERP', logo: 'https://cdn.example.com/erp.svg'
    }))
  const readers = [fromSugar, fromHubspot, fromErp]

  const merged = (records) => {
    const people = new Map()
    for (const it of records) {
      const key = `${it.name}|${it.email}`.toLowerCase()
      const known = people.get(key)
      if (known) {
        known.id += `,${it.id}`
        known.customData[it.crm] = it.contactUri
      } else {
        people.set(key, {
          name: it.name, company: it.company, contactUri: it.contactUri, companyUri: it.companyUri, id: it.id,
          crmName: it.crm, crmLogo: it.logo, crmActions: actions, customData: {}
        })
      }
    }
    return JSON.stringify([...people.values()])
  }
  const send = (reply, text, complete) => reply
    .header('content-type', 'application/json')
    .header('x-lookup-complete', complete ? 'true' : 'false')
    .send(text)

  fastify.get('/Lookup', async (request, reply) => {
    if (request.headers['x-execution-token'] !== TOKEN) return reply.code(401).send()
    const number = /^(?:(?:00)?41|0)([1-9]\d{8})$/.exec((request.query.PhoneNumber ?? '').replace(/\D/g, ''))
    if (!number) return send(reply, '[]', true)
    const digits = number[1]
    const known = answers.get(digits)
    if (known !== undefined) return send(reply, known, true)
    const bodies = await Promise.all([
      ask(pools.sugar, 'POST', '/rest/v11/globalsearch', `{"q":"${digits}","module_list":"Contacts,Leads,Accounts","max_num":20}`),
      ask(pools.hubspot, 'POST', '/crm/objects/2026-09/contacts/search', `{"filterGroups":[{"filters":[{"propertyName":"hs_searchable_calculated_phone_number","operator":"EQ","value":"${digits}"}]}],"limit":20}`),
      ask(pools.erp, 'GET', `/api/contacts?phone=${digits}&perPage=50`)
    ])
    const records = bodies.flatMap((body, place) => body ? readers[place](body, digits) : [])
    const text = merged(records)
    const complete = bodies.every(Boolean)
    if (complete) answers.set(digits, text, { ttl: records.length ? 300_000 : 30_000 })
    return send(reply, text, complete)
  })
  fastify.listen({ port: Number(PORT), host: '127.0.0.1', backlog: 4096 })
}
