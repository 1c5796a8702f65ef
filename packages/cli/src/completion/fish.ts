import type { CompletedCommand, CompletedOption } from './model.js'

export function fish(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, summary, options, words, takesFile }) => {
    const here = `-n ${quoted(`__fish_seen_subcommand_from ${name}`)}`
    return [
      `complete -c sleuth -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
      ...options.map((option) => `complete -c sleuth ${here} ${argumentsOf(option)}`),
      ...(words.length > 0 ? [`complete -c sleuth ${here} -a ${quoted(words.join(' '))}`] : []),
      ...(takesFile ? [`complete -c sleuth ${here} -F`] : []),
    ]
  })
  return `# Completion of sleuth for fish: sleuth completion fish | source\ncomplete -c sleuth -f\n${lines.join('\n')}\n`
}

function argumentsOf({ name, short, help, value, isFile }: CompletedOption): string {
  const letter = short === undefined ? '' : `-s ${short} `
  const takes = value === undefined ? '' : isFile ? '-r -F ' : '-x '
  return `${letter}-l ${name} ${takes}-d ${quoted(help)}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
