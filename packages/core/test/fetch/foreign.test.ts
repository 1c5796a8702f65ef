import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { runInNewContext } from 'node:vm'
import { mirror, pair, settle } from '../harness.js'
import { mesh } from '../retry/harness.js'

/** Shapes that undici's `fetch` asks for. */
class OtherForm {
  readonly #form = new FormData()
  append = (name: string, value: string) => this.#form.append(name, value)
  delete = (name: string) => this.#form.delete(name)
  get = (name: string) => this.#form.get(name)
  getAll = (name: string) => this.#form.getAll(name)
  has = (name: string) => this.#form.has(name)
  set = (name: string, value: string) => this.#form.set(name, value);
  [Symbol.iterator]() {
    return this.#form[Symbol.iterator]()
  }
  readonly [Symbol.toStringTag] = 'FormData'
}

const bytes = Buffer.from('hello')

const otherBlob = { size: 5, type: 'x/y', [Symbol.toStringTag]: 'Blob', stream: () => Readable.from([bytes]) }
const bareBlob = {
  size: 5,
  type: '',
  [Symbol.toStringTag]: 'File',
  arrayBuffer: async () => new Uint8Array(bytes).buffer,
}
const otherParams = {
  [Symbol.toStringTag]: 'URLSearchParams',
  append() {},
  get() {},
  toString: () => 'hello=1',
}
const otherStream = () => {
  const reader = new Blob([bytes]).stream().getReader()
  return { [Symbol.toStringTag]: 'ReadableStream', getReader: () => reader }
}

const bodies: [what: string, make: () => unknown, wanted: RegExp][] = [
  ['a Blob', () => otherBlob, /^hello$/],
  ['a File that has no stream', () => bareBlob, /^hello$/],
  ['URLSearchParams', () => otherParams, /^hello=1$/],
  ['a ReadableStream', otherStream, /^hello$/],
  [
    'an ArrayBuffer of another realm',
    () => runInNewContext('Uint8Array.of(104, 101, 108, 108, 111).buffer'),
    /^hello$/,
  ],
  ['a typed array of another realm', () => runInNewContext('Uint8Array.of(104, 105)'), /^hi$/],
  ['chunks of another realm', () => [runInNewContext('Uint8Array.of(104, 105)')], /^hi$/],
  ['a FormData', () => Object.assign(new OtherForm(), {}), /^-+formdata.*\r\n$/s],
]

for (const wire of [1, 2] as const) {
  describe(`what is of another make, on wire ${wire}`, () => {
    for (const [what, make, wanted] of bodies) {
      it(`is a body by its looks: ${what}`, async () => {
        const { sleuth } = await pair(mirror, { wire })
        for (const call of [sleuth.do, sleuth.fetch, sleuth.request]) {
          const { body } = await call('sleuth://foo/', { method: 'POST', body: make() as never })
          assert.match(JSON.parse(await new Response(body).text()).body, wanted)
        }
      })
    }
  })
}

it('a signal without reasons gives an AbortError', async () => {
  const { sleuth } = await pair(() => {})
  for (const call of [sleuth.do, sleuth.fetch, sleuth.request]) {
    const target = new EventTarget()
    const signal = Object.assign(target, { aborted: false })
    const waiting = assert.rejects(call('sleuth://foo/', { signal: signal as never }), {
      name: 'AbortError',
      code: 20,
    })
    await settle()
    signal.aborted = true
    target.dispatchEvent(new Event('abort'))
    await waiting
    await assert.rejects(call('sleuth://foo/', { signal: signal as never }), { name: 'AbortError' })
  }
})

describe('the body of a Request', () => {
  const post = (body: RequestInit['body']) =>
    new Request('sleuth://foo/', { method: 'POST', body, duplex: 'half' } as never)

  it('that is small has a length, and goes to another instance', async () => {
    const { sleuth } = await mesh([mirror, mirror], { server: { maxInflight: 1 } })
    const form = new FormData()
    form.set('a', new Blob(['hello']), 'a.txt')
    for (const body of ['hello', new URLSearchParams('a=hello'), form]) {
      const answers = await Promise.all([1, 2].map(() => sleuth.do(post(body))))
      for (const answer of answers) {
        const { headers, body: sent } = (await answer.json()) as {
          headers: Record<string, string>
          body: string
        }
        assert.equal(headers['content-length'], String(sent.length))
        assert.match(sent, /hello/)
      }
    }
  })

  it('that is large stays a stream', async () => {
    const { sleuth } = await pair(mirror)
    const answer = await sleuth.do(post('x'.repeat(100_000)))
    const { headers, body } = (await answer.json()) as { headers: Record<string, string>; body: string }
    assert.deepEqual([headers['transfer-encoding'], body.length], ['chunked', 100_000])
  })

  it('that waits for its service is sent as far as it goes', async () => {
    let asked: (() => void) | undefined
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    const { sleuth } = await pair((req, res) => {
      asked?.()
      return mirror(req, res)
    })
    const body = new ReadableStream({
      type: 'bytes',
      start: (controller) => controller.enqueue(new Uint8Array(Buffer.from('hel'))),
      async pull(controller) {
        await isAsked
        controller.enqueue(new Uint8Array(Buffer.from('lo')))
        controller.close()
      },
    })
    const answer = await sleuth.do(post(body as never), { timeout: Infinity })
    const { headers, body: sent } = (await answer.json()) as { headers: Record<string, string>; body: string }
    assert.deepEqual([headers['transfer-encoding'], sent], ['chunked', 'hello'])
  })
})
