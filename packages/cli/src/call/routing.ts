import type { CallOptions } from '@sleuth/core'
import type { Options, ValuesOf } from '../command.js'
import { UsageError } from '../usage-error.js'

/** Which instance is called, of every command that calls. The names are the library's; `--version` is that of sleuth. */
export const routing = {
  'version-range': {
    type: 'string',
    value: 'RANGE',
    help: 'call only instances whose version is in this range, as in ^2.1',
  },
  where: {
    type: 'string',
    multiple: true,
    value: 'NAME=VALUE',
    help: 'call only instances with this label; repeatable',
  },
  prefer: {
    type: 'string',
    multiple: true,
    value: 'NAME=VALUE',
    help: 'call instances with this label first, or those on this host: host; repeatable',
  },
  key: { type: 'string', value: 'TEXT', help: 'call the instance of this key' },
} as const satisfies Options

export type Selection = Pick<CallOptions, 'version' | 'where' | 'prefer' | 'key'>

/** What was given, as options of a call. The library checks the range. Throws a `UsageError` for what is no label. */
export function selectionOf(values: Partial<ValuesOf<typeof routing>>): Selection {
  const { 'version-range': version, where, prefer, key } = values
  return {
    ...(version !== undefined && { version }),
    ...(where !== undefined && { where: labelsOf('--where', where) }),
    ...(prefer !== undefined && { prefer: isHost(prefer) ? 'host' : labelsOf('--prefer', prefer) }),
    ...(key !== undefined && { key }),
  }
}

function isHost(prefer: readonly string[]): boolean {
  return prefer.length === 1 && prefer[0] === 'host'
}

function labelsOf(option: string, given: readonly string[]): Record<string, string> {
  const labels = given.map((text): [string, string] => {
    const equals = text.indexOf('=')
    if (equals < 1) throw new UsageError(`${option} must be a label, as in zone=a, and is "${text}"`)
    return [text.slice(0, equals), text.slice(equals + 1)]
  })
  const twice = labels.find(([name], index) => labels.findIndex(([other]) => other === name) < index)
  if (twice !== undefined) throw new UsageError(`${option} gives the label "${twice[0]}" twice`)
  return Object.fromEntries(labels)
}
