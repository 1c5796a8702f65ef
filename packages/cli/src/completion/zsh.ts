import type { CompletedCommand, CompletedOption } from './model.js'

export function zsh(commands: readonly CompletedCommand[]): string {
  return `#compdef sleuth
# Completion of sleuth for zsh: source <(sleuth completion zsh), after compinit
_sleuth() {
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map(branch).join('\n')}
  esac
}
if [[ $funcstack[1] == _sleuth ]]; then _sleuth "$@"; else compdef _sleuth sleuth; fi
`
}

function branch({ name, options, words, takesFile }: CompletedCommand): string {
  const specs = options.flatMap(specsOf)
  if (words.length > 0) specs.push(quoted(`1:argument:(${words.join(' ')})`))
  if (takesFile) specs.push(quoted('*:file:_files'))
  return `    ${name})\n      _arguments -s ${specs.map((spec) => `\\\n        ${spec}`).join(' ')} ;;`
}

/** One for each spelling: \`(-X --request)-X+[the method]:METHOD:\`. */
function specsOf({ name, short, help, value, isFile, multiple }: CompletedOption): string[] {
  const text = help.replace(/[\\[\]:]/g, '\\$&')
  const argument = value === undefined ? '' : `:${value}:${isFile ? '_files' : ''}`
  const both = short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`]
  const before = multiple ? '*' : `(${both.join(' ')})`
  return both.map((dashed) => {
    const joins = value === undefined ? '' : dashed.startsWith('--') ? '=' : '+'
    return quoted(`${before}${dashed}${joins}[${text}]${argument}`)
  })
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
