import type { Arguments, Io } from '../command.js'
import { readCount, readDuration } from '../command-line/duration.js'
import { connectAsService } from '../connect.js'
import { exit } from '../exit-codes.js'
import { type NetworkValues, sleuthOptions } from '../options.js'
import { jsonLine, plain } from '../output/text.js'
import { UsageError } from '../usage-error.js'
import { Child } from './child.js'
import { type ExposeEvent, expose } from './expose.js'
import { targetOf } from './target.js'

interface Given extends Pick<Arguments, 'positionals' | 'rest'> {
  readonly values: Partial<NetworkValues> & {
    readonly health?: string | undefined
    readonly 'health-interval': string
    readonly 'max-connections': string
    readonly 'no-keep-alive'?: boolean | undefined
    readonly 'kill-after': string
    readonly 'service-version'?: string | undefined
  }
}

/** What `sleuth expose` does. With a command it ends with the exit code of the command. */
export async function runExpose({ values, positionals, rest }: Given, io: Io): Promise<number> {
  const [service, url, ...others] = positionals
  if (service === undefined || url === undefined)
    throw new UsageError('expose needs a name and a URL: sleuth expose comment-service http://127.0.0.1:8000')
  if (others.length > 0)
    throw new UsageError(`expose takes a name and a URL, and not "${others[0]}"; write a command after --`)
  const target = targetOf(url)
  if (typeof target === 'string') throw new UsageError(`the URL "${url}" ${target}`)
  const { health } = values
  if (health !== undefined && !/^\/[!-~]*$/.test(health))
    throw new UsageError(`--health must be a path such as /health, and is "${health}"`)
  const options = {
    target,
    health,
    interval: readDuration('--health-interval', values['health-interval'], 100),
    maxConnections: readCount('--max-connections', values['max-connections']),
    keepAlive: !values['no-keep-alive'],
    killAfter: readDuration('--kill-after', values['kill-after']),
  }
  await checkName(service, values)
  const [command, ...args] = rest
  const child = command === undefined ? undefined : await start(command, args)
  // A second Ctrl-C ends this process at once, and the command must not outlive it.
  const killNow = () => child?.killNow()
  process.once('exit', killNow)
  const version = values['service-version']
  const code = await expose(
    {
      ...options,
      child,
      join: (handler) =>
        connectAsService(values, io, {
          service,
          handler,
          name: service,
          ...(version === undefined ? {} : { version }),
        }),
      say: (event) => say(event, { service, url: target.href }, io),
    },
    io.signal,
  )
  process.off('exit', killNow)
  return code ?? exit.ok
}

/** Before the server is there, which may take a while. */
async function checkName(service: string, values: Given['values']): Promise<void> {
  const { checkOptions } = await import('@sleuth/core/diagnostics')
  const version = values['service-version']
  checkOptions({
    ...(await sleuthOptions(values)),
    service,
    handler: () => {},
    ...(version === undefined ? {} : { version }),
  })
}

async function start(command: string, args: readonly string[]): Promise<Child> {
  try {
    return await Child.start(command, args)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new UsageError(`there is no command "${command}"`)
    if (code === 'EACCES')
      throw new UsageError(`"${command}" can't be run: it is no program that this user may run`)
    throw error
  }
}

/** On stderr, since stdout is the command's. */
function say(
  event: ExposeEvent,
  { service, url }: { service: string; url: string },
  { stderr, json }: Io,
): void {
  if (json) {
    stderr.write(jsonLine({ ...event, service, url }))
    return
  }
  const texts = {
    waiting: () => `waits for ${url}: ${'why' in event ? event.why : ''}`,
    joined: () => `${url} is in the network`,
    left: () => `${url} has left the network: ${'why' in event ? event.why : ''}`,
  }
  stderr.write(`${plain(`${service}: ${texts[event.event]()}`)}\n`)
}
