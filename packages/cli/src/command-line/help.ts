import type { Command, Io, Option } from '../command.js'
import { common, network } from '../options.js'
import { wrap } from '../output/wrap.js'

type Look = Pick<Io, 'style' | 'columns'>

/** What `sleuth --help` prints. */
export function helpOfAll(commands: readonly Command[], look: Look): string {
  const examples = [
    ['sleuth ls', 'who is there'],
    ['sleuth call comment-service/comments', 'call a service, as with curl'],
    ['sleuth help call', 'everything about one command'],
  ] as const
  return sections(look, [
    ['', [['sleuth COMMAND [options]', 'see, watch and call the services of a network']]],
    ['Commands', commands.map(({ name, summary }) => [name, summary])],
    ['Options of every command that joins a network', optionRows(Object.entries(network))],
    ['Options of every command', optionRows(Object.entries(common))],
    ['Examples', examples],
  ])
}

/** What `sleuth COMMAND --help` prints. */
export function helpOf(command: Command, look: Look): string {
  const { options } = command
  const shared = Object.entries<Option>(network).filter(([name, option]) => options[name] === option)
  const names = new Set(shared.map(([name]) => name))
  const own = Object.entries(options).filter(([name]) => !names.has(name))
  return sections(look, [
    ['', [[`sleuth ${command.usage}`, command.summary]]],
    ['Options', optionRows(own)],
    ['Options of the network', optionRows(shared)],
    ['Options of every command', optionRows(Object.entries(common))],
    ['Examples', command.examples],
  ])
}

/** `-X, --request METHOD` and what it does. */
function optionRows(options: readonly (readonly [name: string, option: Option])[]): Row[] {
  return options.map(([name, { short, value, help, multiple }]) => {
    const dashes = short === undefined ? `    --${name}` : `-${short}, --${name}`
    const more = multiple && !/repeat/.test(help) ? `${help}; repeatable` : help
    return [value === undefined ? dashes : `${dashes} ${value}`, more]
  })
}

type Row = readonly [left: string, right: string]

/** The most characters of a left column: what is longer has its text in the next line. */
const MAX_LEFT = 32

function sections(
  { style, columns }: Look,
  list: readonly (readonly [title: string, rows: readonly Row[]])[],
) {
  const parts = list.filter(([, rows]) => rows.length > 0)
  const lines = parts.map(([title, rows]) => {
    const width = Math.min(MAX_LEFT, Math.max(...rows.map(([left]) => left.length)))
    const body = rows.flatMap(([left, right]) => rowLines(left, right, width, columns))
    return title === '' ? body.map((line) => line.slice(2)) : [style('bold', title), ...body]
  })
  return `${lines.map((each) => each.join('\n')).join('\n\n')}\n`
}

function rowLines(left: string, right: string, width: number, columns: number): string[] {
  const indent = width + 4
  const [first = '', ...others] = wrap(right, Math.max(20, columns - indent))
  const pad = ' '.repeat(indent)
  const rest = others.map((line) => pad + line)
  if (left.length > width) return [`  ${left}`, pad + first, ...rest]
  return [`  ${left.padEnd(width)}  ${first}`.trimEnd(), ...rest]
}
