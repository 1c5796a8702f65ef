import { performance } from 'node:perf_hooks'
import type { DoInit, Instance, Sleuth } from '@sleuth/core'
import type { Arguments, Io, ValuesOf } from '../command.js'
import { readDuration } from '../command-line/duration.js'
import { connect } from '../connect.js'
import { exitCodeOf, report, sentenceOf } from '../errors.js'
import { exit } from '../exit-codes.js'
import { jsonLine, plain } from '../output/text.js'
import { UsageError } from '../usage-error.js'
import { type Address, readAddress } from './address.js'
import { type Attempt, onAttempt } from './attempts.js'
import { jsonOf } from './json.js'
import type { callOptions } from './options.js'
import { type OutgoingRequest, readRequest } from './request.js'
import { type Selection, selectionOf } from './routing.js'
import { nowhere, type Sink, ToMemory, toFile, toStdout } from './sinks.js'
import type { Summary } from './summary.js'
import { attemptLine, endLine, headLines, instancesLine, requestLines, responseLines } from './verbose.js'
import { found } from './wait.js'
import { checkFormat, writeOut } from './write-out.js'

type Values = ValuesOf<typeof callOptions>

/** What `sleuth call` does. */
export async function runCall(
  { values, positionals }: Arguments<typeof callOptions>,
  io: Io,
): Promise<number> {
  const address = readAddress(positionals[0], 'call')
  if (positionals.length > 1)
    throw new UsageError(`call takes one address, and not "${positionals[1]}" as well`)
  const format = values['write-out']
  if (format !== undefined) checkFormat(format)
  const wait = readDuration('--wait', values.wait)
  const which = selectionOf(values)
  const request = await readRequest(values, io.stdin)
  const sleuth = await connect(values, io)
  try {
    await found(sleuth, address.service, wait, io.signal, which)
    return await new Call(sleuth, address, request, which, values, io).run()
  } finally {
    await sleuth.close()
  }
}

/** One call, and what is printed of it. */
class Call {
  readonly #sleuth: Sleuth
  readonly #address: Address
  readonly #request: OutgoingRequest
  readonly #which: Selection
  readonly #values: Values
  readonly #io: Io
  readonly #attempts: Attempt[] = []
  readonly #started = performance.now()
  #response: Response | undefined
  #headAfter = 0
  #bytes = 0

  constructor(
    sleuth: Sleuth,
    address: Address,
    request: OutgoingRequest,
    which: Selection,
    values: Values,
    io: Io,
  ) {
    this.#sleuth = sleuth
    this.#address = address
    this.#request = request
    this.#which = which
    this.#values = values
    this.#io = io
  }

  async run(): Promise<number> {
    const { json } = this.#io
    const sink = this.#sink()
    const stop = onAttempt((attempt) => this.#attempted(attempt))
    let failure: unknown
    try {
      await this.#exchange(sink)
    } catch (error) {
      if (this.#io.signal.aborted) throw error
      failure = error
    } finally {
      stop()
    }
    const summary = this.#summary(failure)
    if (failure !== undefined && this.#isLoud && !json) report(failure, this.#io)
    this.#note(() => [endLine(summary)])
    if (json) {
      const body = sink instanceof ToMemory && this.#response ? sink.bytes : undefined
      this.#print(jsonLine(jsonOf(summary, this.#response?.headers, body)))
    }
    if (this.#values['write-out'] !== undefined) this.#print(writeOut(this.#values['write-out'], summary))
    return summary.code
  }

  async #exchange(sink: Sink): Promise<void> {
    const { service, url } = this.#address
    const { method, headers, body } = this.#request
    const { head, include, location, fail } = this.#values
    this.#note(() => [
      instancesLine(service, this.#instances()),
      ...requestLines(this.#request, this.#address),
    ])
    const response = await this.#sleuth.do(url, {
      ...this.#which,
      method,
      headers,
      body: body as DoInit['body'],
      // As curl: bytes are printed as they come.
      decompress: false,
      redirect: location ? 'follow' : 'manual',
      signal: this.#io.signal,
    })
    this.#response = response
    this.#headAfter = performance.now() - this.#started
    this.#note(() => responseLines(response))
    if ((head || include) && !this.#io.json) {
      const lines = headLines(response)
      // A terminal would obey what a service wrote into a header.
      this.#print(`${(this.#io.isTTY ? lines.map(plain) : lines).join('\r\n')}\r\n\r\n`)
    }
    if (fail && response.status >= 400) {
      await response.body?.cancel()
      throw new StatusError(service, response)
    }
    for await (const chunk of response.body ?? []) {
      this.#bytes += chunk.length
      await sink.write(chunk)
    }
    if (!head) await sink.close()
  }

  #sink(): Sink {
    const { output, head } = this.#values
    if (output !== undefined && output !== '-') return toFile(output)
    if (this.#io.json) return new ToMemory()
    return head ? nowhere : toStdout(this.#io, output === '-')
  }

  #attempted(attempt: Attempt): void {
    this.#attempts.push(attempt)
    this.#note(() => [attemptLine(attempt, this.#attempts.length)])
  }

  #instances(): readonly Instance[] {
    const services = this.#sleuth.services()
    return services.find(({ service }) => service === this.#address.service)?.instances ?? []
  }

  #summary(failure: unknown): Summary {
    return {
      ...this.#address,
      method: this.#request.method,
      attempts: this.#attempts,
      instance: this.#attempts.findLast(({ outcome }) => outcome === 'answered')?.instance,
      status: this.#response?.status,
      contentType: this.#response?.headers.get('content-type') ?? undefined,
      bytes: this.#bytes,
      headAfter: this.#headAfter,
      total: performance.now() - this.#started,
      code:
        failure === undefined ? exit.ok : failure instanceof StatusError ? exit.status : exitCodeOf(failure),
      error: failure === undefined ? undefined : sentenceOf(failure),
    }
  }

  get #isLoud(): boolean {
    return !this.#values.silent || this.#values['show-error'] === true
  }

  #note(lines: () => readonly string[]): void {
    if (this.#values.verbose) this.#io.stderr.write(`${lines().join('\n')}\n`)
  }

  #print(text: string): void {
    this.#io.stdout.write(text)
  }
}

/** `--fail`, and the status is an error. */
class StatusError extends Error {
  readonly code = 'STATUS'

  constructor(service: string, { status, statusText }: Response) {
    super(`${service} answered ${status}${statusText === '' ? '' : ` ${statusText}`}`)
  }
}
