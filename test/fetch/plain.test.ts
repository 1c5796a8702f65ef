import { Readable } from 'node:stream'
import { describe } from 'node:test'
import { runInNewContext } from 'node:vm'
import { AbortController as PolyfilledController } from 'abort-controller'
import { Blob as ForeignBlob } from 'fetch-blob'
import { File as NodeFile, FormData as NodeFormData } from 'formdata-node'
import { FormData as UndiciFormData, Headers as UndiciHeaders } from 'undici'
import { app } from './app.js'
import { serveBoth } from './both.js'

describe('fetch itself', () => {
  const { same } = serveBoth(app)

  for (const path of ['gzip', 'br', 'deflate']) {
    same(`undoes ${path}`, async ({ base, fetch }) => {
      const response = await fetch(`${base}/${path}`)
      return [response.headers.get('content-encoding'), await response.json()]
    })
  }
  same('gives set-cookie', async ({ base, fetch }) => (await fetch(`${base}/cookies`)).headers.getSetCookie())
  same('follows a redirect, and says so', async ({ base, fetch }) => {
    const response = await fetch(`${base}/redirect`)
    return [response.url, response.redirected, response.status, await response.json()]
  })
  same('repeats the body after a 307', async ({ base, fetch }) => {
    const response = await fetch(`${base}/redirect-307`, { method: 'POST', body: 'again' })
    return response.json()
  })
  same('hands back a redirect', async ({ base, fetch }) => {
    const response = await fetch(`${base}/redirect`, { redirect: 'manual' })
    return [response.status, response.headers.get('location')]
  })
  same('rejects a redirect', ({ base, fetch }) =>
    fetch(`${base}/redirect`, { redirect: 'error' }).then(
      ({ status }) => status,
      (error) => error.name,
    ),
  )
  same('gives null for no body', async ({ base, fetch }) => (await fetch(`${base}/empty`)).body)
  same('rejects the JSON that is none', async ({ base, fetch }) => {
    const response = await fetch(`${base}/broken-json`)
    return response.json().catch((error) => error.name)
  })
  same('reads a stream with a BYOB reader', async ({ base, fetch }) => {
    const { body } = await fetch(`${base}/json`)
    const reader = body?.getReader({ mode: 'byob' })
    const result = await reader?.read(new Uint8Array(4))
    await reader?.cancel()
    return [result?.done, Buffer.from(result?.value ?? []).toString()]
  })
  same('lets an answer be read by what takes a Response', async ({ base, fetch }) => {
    const response = await fetch(`${base}/json`)
    const copy = Response.prototype.clone.call(response)
    return [await Response.prototype.json.call(response), await new Response(copy.body, copy).text()]
  })
  same('tells clones apart', async ({ base, fetch }) => {
    const response = await fetch(`${base}/json`)
    const copy = response.clone()
    return [await copy.text(), response.bodyUsed, copy.bodyUsed, await response.text()]
  })
  for (const [name, url] of Object.entries({
    'dots in a path': '/a/../echo',
    'coded dots': '/a/%2e%2E/echo',
    'spaces and umlauts': '/echo?q=ä b',
    'a fragment': '/echo#part',
    'line breaks': '/ec\nho',
  })) {
    same(`normalises ${name}`, async ({ base, fetch }) => {
      const response = await fetch(base + url)
      const { url: heard } = (await response.json()) as { url: string }
      return [response.url, heard]
    })
  }
  same('sends a lower-case method as it should be', async ({ base, fetch }) =>
    fetch(`${base}/echo`, { method: 'post', body: 'a' }).then((response) => response.json()),
  )
  same('ignores what it does not know', async ({ base, fetch }) => {
    const unknown = { timeout: 0, retry: { attempts: 2 }, dispatcher: undefined, next: {}, cf: {} }
    return (await fetch(`${base}/json`, unknown as RequestInit)).status
  })
  same('refuses a Request with a body that was read before', async ({ base, fetch }) => {
    const request = new Request(`${base}/echo`, { method: 'POST', body: 'a' })
    await request.text()
    return fetch(request).then(
      () => 'sent',
      () => 'refused',
    )
  })
})

/** docs/api.md has them in a table. */
describe('what remains different', () => {
  const { different } = serveBoth(app)

  different('a GET with a body is sent', 'TypeError', 200, ({ base, fetch }) =>
    fetch(`${base}/json`, { body: 'a' }).then(({ status }) => status, nameOf),
  )
  different('a method that is none is a SleuthError', 'TypeError', 'SleuthError', ({ base, fetch }) =>
    fetch(`${base}/json`, { method: 'CONN ECT' }).then(({ status }) => status, nameOf),
  )
  different('a header that is none is a SleuthError', 'TypeError', 'SleuthError', ({ base, fetch }) =>
    fetch(`${base}/json`, { headers: { ä: '1' } }).then(({ status }) => status, nameOf),
  )
})

function nameOf(error: Error): string {
  return error.name
}

describe('bodies and signals of other makes', () => {
  const { same } = serveBoth(app)
  const bodies: Record<string, () => unknown> = {
    text: () => 'ä',
    bytes: () => new Uint8Array([97, 98]),
    'an ArrayBuffer of another realm': () => runInNewContext('new Uint8Array([97, 98]).buffer'),
    'a view of another realm': () => runInNewContext('new Uint16Array([24929])'),
    URLSearchParams: () => new URLSearchParams({ a: 'ä' }),
    Blob: () => new Blob(['ab'], { type: 'text/x' }),
    'a Blob of fetch-blob': () => new ForeignBlob(['ab'], { type: 'text/x' }),
    'a web stream': () => new Blob(['ab']).stream(),
    'a Node stream': () => Readable.from([Buffer.from('ab')]),
    'an iterable': async function* iterable() {
      yield Buffer.from('ab')
    },
  }
  for (const [name, body] of Object.entries(bodies)) {
    same(`sends ${name}`, async ({ base, fetch }) => {
      const init = { method: 'POST', body: body() as Blob, duplex: 'half' } as const
      return (await fetch(`${base}/echo`, init)).json()
    })
  }
  const forms = {
    Node: () => fill(new FormData(), File),
    undici: () => fill(new UndiciFormData(), File),
    'formdata-node': () => fill(new NodeFormData(), NodeFile),
  }
  for (const [name, form] of Object.entries(forms)) {
    same(`sends a form of ${name}`, async ({ base, fetch }) =>
      (await fetch(`${base}/form`, { method: 'POST', body: form() as never })).json(),
    )
  }
  same('takes a Request', async ({ base, fetch }) => {
    const init = {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json', 'x-own': '1' },
    }
    return (await fetch(new Request(`${base}/echo`, init))).json()
  })
  same('takes headers of undici', async ({ base, fetch }) => {
    const headers = new UndiciHeaders({ 'x-own': '1' })
    return (await fetch(`${base}/echo`, { headers: headers as never })).json()
  })
  same('is aborted by a controller that gives no reason', async ({ base, fetch }) => {
    const controller = new PolyfilledController()
    const call = fetch(`${base}/slow`, { signal: controller.signal as AbortSignal })
    controller.abort()
    return call.then(
      () => undefined,
      (error) => error.name,
    )
  })
  same('is aborted while it reads', async ({ base, fetch }) => {
    const controller = new AbortController()
    const { body } = await fetch(`${base}/stream`, { signal: controller.signal })
    controller.abort(new Error('enough'))
    return body
      ?.getReader()
      .read()
      .then(
        () => undefined,
        (error) => error.message,
      )
  })
})

interface Form {
  set(name: string, value: never, filename?: string): void
}

function fill<T extends Form>(
  form: T,
  File: new (parts: string[], name: string, init: { type: string }) => unknown,
): T {
  form.set('a', 'ä' as never)
  form.set('file', new File(['content'], 'f.txt', { type: 'text/plain' }) as never, 'f.txt')
  return form
}
