import type { DownEvent, Sleuth, UpEvent } from '@sleuth/core'
import { aborted } from '../aborted.js'
import type { Arguments, Io } from '../command.js'
import { readDuration } from '../command-line/duration.js'
import { connect } from '../connect.js'
import { endedBy } from '../exit-codes.js'
import type { NetworkValues } from '../options.js'
import { jsonLine } from '../output/text.js'
import { UsageError } from '../usage-error.js'
import { type Change, jsonOf, Lines } from './lines.js'
import { top } from './top.js'

interface Given extends Pick<Arguments, 'positionals'> {
  readonly values: Partial<NetworkValues> & { readonly top?: boolean | undefined; readonly interval: string }
}

/** What `sleuth watch` does: it ends with a signal alone. */
export async function runWatch({ values, positionals }: Given, io: Io): Promise<number> {
  const [only, ...others] = positionals
  if (others.length > 0) throw new UsageError(`watch takes one service at most, and not "${others[0]}"`)
  const interval = readDuration('--interval', values.interval, 100)
  const sleuth = await connect(values, io)
  try {
    if (values.top) await top(sleuth, only, interval, io)
    else await printChanges(sleuth, only, io)
  } finally {
    await sleuth.close()
  }
  return endedBy(io.signal)
}

async function printChanges(sleuth: Sleuth, only: string | undefined, io: Io): Promise<void> {
  const { stdout, stderr, json, style, signal } = io
  const lines = new Lines()
  const print = (change: Change) => {
    if (only !== undefined && change.service !== only) return
    const dress = (event: string) => style(event.startsWith('up') ? 'green' : 'red', event)
    stdout.write(json ? jsonLine(jsonOf(change)) : `${lines.of(change, dress)}\n`)
  }
  const up = ({ service, instance }: UpEvent) => print({ time: new Date(), event: 'up', service, instance })
  const down = ({ service, instance, reason }: DownEvent) =>
    print({ time: new Date(), event: 'down', service, instance, reason })
  if (!json) stdout.write(`${style('bold', lines.titles())}\n`)
  // Those that were found while this node joined.
  for (const { service, instances } of sleuth.services()) {
    for (const instance of instances) up({ service, instance })
  }
  sleuth.on('up', up).on('down', down)
  if (io.isTTY) stderr.write('Instances that are there come first. Ctrl-C ends.\n')
  await aborted(signal)
  // Nothing goes because this node does.
  sleuth.off('up', up).off('down', down)
}
