import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { SleuthCommand, sleuth } from './command.js'
import { ports } from './ports.js'
import { serve } from './service.js'

const port = ports.map
const anywhere = ['--listen', '127.0.0.1:0']

/** The events of a stream, one after the other, as the page gets them. */
async function* eventsOf(url: string): AsyncGenerator<Record<string, Record<string, unknown> | null>> {
  const response = await fetch(url)
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString()
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const [, data] = /^data: (.*)$/m.exec(text.slice(0, end)) ?? []
      text = text.slice(end + 2)
      if (data !== undefined) yield JSON.parse(data)
    }
  }
}

test('map serves the page, and what is on the network', async (t) => {
  const service = await serve(port, 'seen-service', undefined, { name: 's', version: '1.2.3' })
  t.after(() => service.close())
  const map = new SleuthCommand(['map', ...anywhere], port)
  t.after(() => map.kill())
  const [, url = ''] = await map.prints(/^The map is at (http:\/\/127\.0\.0\.1:\d+\/)$/m)
  assert.match(await (await fetch(url)).text(), /<title>sleuth map<\/title>/)

  for await (const rows of eventsOf(`${url}events`)) {
    const found = Object.values(rows).find((row) => row?.name === 's')
    if (found === undefined || found === null) continue
    assert.deepEqual([found.version, found.here], ['1.2.3', true])
    break
  }
  const { code, err } = await map.stop('SIGINT')
  assert.deepEqual([code, err], [130, 'Ctrl-C ends it.\n'])
})

test('map shows that an instance goes, and its figures while it is there', async (t) => {
  const service = await serve(port, 'short-service', undefined, { name: 'short' })
  t.after(() => service.close().catch(() => {}))
  const map = new SleuthCommand(['map', ...anywhere, '--json'], port)
  t.after(() => map.kill())
  const [line] = await map.prints(/^\{.*\}$/m)
  const states: unknown[] = []
  for await (const rows of eventsOf(`${JSON.parse(line).url}events`)) {
    for (const row of Object.values(rows))
      if (row?.name === 'short' || row?.here === false) states.push(row.words)
    const short = Object.entries(rows).find(([key, row]) => key.startsWith('i:') && row?.words !== undefined)
    if (short?.[1]?.words === 'idle') await service.close()
    if (short?.[1]?.here === false) break
  }
  assert.equal(states.at(-1), 'left: stopped on purpose')
})

test('map for other machines wants a token', async (t) => {
  const refused = await sleuth(['map', '--listen', '0.0.0.0:0'], port)
  assert.equal(refused.code, 2)
  assert.match(refused.err, /^sleuth: others can reach 0\.0\.0\.0: set --token, or listen on 127\.0\.0\.1$/m)

  const map = new SleuthCommand(['map', ...anywhere], port, { env: { SLEUTH_MAP_TOKEN: 'a b' } })
  t.after(() => map.kill())
  const [, url = ''] = await map.prints(/^The map is at (http:\/\/127\.0\.0\.1:\d+\/\?token=a%20b)$/m)
  assert.equal((await fetch(new URL('/', url))).status, 401)
  const entered = await fetch(url, { redirect: 'manual' })
  assert.equal(entered.status, 303)
  const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? ''
  assert.equal((await fetch(new URL('/', url), { headers: { cookie } })).status, 200)
  assert.equal((await map.stop('SIGTERM')).code, 143)
})

test('map says what is wrong with where it shall listen', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  t.after(() => other.close())
  await once(other, 'listening')
  const taken = (other.address() as AddressInfo).port
  const { code, err } = await sleuth(['map', '--listen', `127.0.0.1:${taken}`], port)
  assert.deepEqual(
    [code, err],
    [1, `sleuth: port ${taken} of 127.0.0.1 is in use; give another by --listen\n`],
  )
  for (const wrong of ['nowhere', '127.0.0.1:99999', 'example.org:80']) {
    assert.equal((await sleuth(['map', '--listen', wrong], port)).code, 2, wrong)
  }
  assert.equal((await sleuth(['map', 'extra'], port)).code, 2)
  assert.equal((await sleuth(['map', '--token', ''], port)).code, 2)
})
