import type { LineProcess } from '../hosts/line-process.js'

export interface Reply {
  status: number
  /** By lower-case name. */
  headers: Record<string, string[]>
  body: Buffer
}

export interface Sent {
  headers?: [string, string][]
  body?: Buffer
}

export class CallError extends Error {
  constructor(
    message: string,
    /** Go sleuth's trace. */
    readonly codes: number[],
  ) {
    super(message)
  }
}

/** How often a call of a Go client is made at most. */
const tries = 6

/** Go's client, and Node's two functions. */
export const callerNames = ['Go', 'Node do', 'Node request'] as const
export type CallerName = (typeof callerNames)[number]

/** Makes calls by way of a client program. */
export class Caller {
  /** How many calls of the Go client had to be repeated. */
  repeated = 0

  constructor(
    readonly name: CallerName,
    readonly client: LineProcess,
  ) {}

  waitFor(...services: string[]): Promise<unknown> {
    return this.client.tell('waitFor', { services })
  }

  /**
   * Calls. Go's client begins to listen for a reply only after it has sent the request (client.go, `Do`), so that one
   * that comes at once may find nobody. It says so in its log; such a call, and no other, is made again.
   */
  async call(method: string, url: string, sent: Sent = {}): Promise<Reply> {
    for (let left = this.name === 'Go' ? tries : 1; ; left -= 1) {
      try {
        return await this.callOnce(method, url, sent)
      } catch (error) {
        if (left === 1 || !isTimeout(error)) throw error
        await this.client.news('missed')
        this.repeated += 1
      }
    }
  }

  async callOnce(method: string, url: string, { headers = [], body }: Sent = {}): Promise<Reply> {
    const op = this.name === 'Node request' ? 'request' : 'do'
    const answer = await this.client.ask(op, { method, url, headers, body: body?.toString('base64') })
    if (answer.message !== undefined) throw new CallError(answer.message, answer.codes as number[])
    const named = Object.entries(answer.headers as Record<string, string[]>)
    return {
      status: Number(answer.status),
      headers: Object.fromEntries(named.map(([name, values]) => [name.toLowerCase(), values])),
      body: Buffer.from(String(answer.body ?? ''), 'base64'),
    }
  }
}

export function isTimeout(error: unknown): boolean {
  return error instanceof CallError && error.codes[0] === 920
}
