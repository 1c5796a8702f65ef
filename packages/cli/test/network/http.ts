import { once } from 'node:events'
import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly raw: readonly string[]
  readonly text: string
}

export interface Asked {
  readonly method?: string
  readonly path?: string
  readonly host?: string
  readonly headers?: Record<string, string | string[]>
  readonly body?: string | Buffer
}

/** Begins a request on a connection of its own. */
export function begin(
  port: number,
  { method = 'GET', path = '/', host = 'localhost', headers }: Asked,
): ClientRequest {
  const all = { host, ...headers }
  return request({
    host: '127.0.0.1',
    port,
    method,
    path,
    agent: false,
    setHost: false,
    maxHeaderSize: 1 << 20,
    headers: all,
  })
}

export async function answerTo(req: ClientRequest): Promise<IncomingMessage> {
  const [res] = (await once(req, 'response')) as [IncomingMessage]
  return res
}

export async function ask(port: number, asked: Asked): Promise<Answer> {
  const req = begin(port, asked)
  req.end(asked.body)
  const res = await answerTo(req)
  const { statusCode: status = 0, headers, rawHeaders: raw } = res
  return { status, headers, raw, text: await textOf(res) }
}

export async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += chunk
  return text
}

/** A connection in the test's own hands. */
export class Raw {
  readonly socket: Socket
  text = ''
  readonly #listeners = new Set<() => void>()

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('error', () => {})
    this.socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1')
      for (const listener of this.#listeners) listener()
    })
    this.socket.on('close', () => {
      for (const listener of this.#listeners) listener()
    })
  }

  send(text: string): this {
    this.socket.write(Buffer.from(text, 'latin1'))
    return this
  }

  /** Resolves once what has come matches. */
  async gets(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text)) {
      if (this.socket.closed) throw new Error(`closed without ${pattern}: ${JSON.stringify(this.text)}`)
      await this.#change()
    }
    return this.text
  }

  /** Resolves with all that came before the other end closed. */
  async closes(): Promise<string> {
    while (!this.socket.closed) await this.#change()
    return this.text
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const listener = () => {
        this.#listeners.delete(listener)
        resolve()
      }
      this.#listeners.add(listener)
    })
  }
}
