import { network } from '../options.js'
import { type CompletedCommand, type CompletedOption, spellings } from './model.js'

/** A script that bash 3.2 and later read. */
export function bash(commands: readonly CompletedCommand[]): string {
  return `# Completion of sleuth for bash: source <(sleuth completion bash)

# What may follow a command: its words, its options, those of them that take a value, and those that take a file.
_sleuth_command() {
  case $1 in
    '') ${variables(beforeCommand(commands))} ;;
${commands.map((command) => `    ${command.name}) ${variables(command)} ;;`).join('\n')}
    *) words= options= values= paths= files= ;;
  esac
}

_sleuth() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
  local words options values paths files command= argument= i
  _sleuth_command ''
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ \${COMP_WORDS[i]} == -- ]]; then return; fi
    if [[ " $values " == *" \${COMP_WORDS[i]} "* ]]; then ((i++))
    elif [[ \${COMP_WORDS[i]} == -* ]]; then continue
    elif [[ -z $command ]]; then command=\${COMP_WORDS[i]}; _sleuth_command "$command"
    else argument=1; fi
  done
  if [[ " $paths " == *" $prev "* ]]; then COMPREPLY=($(compgen -f -- "$cur"))
  elif [[ " $values " == *" $prev "* ]]; then COMPREPLY=()
  elif [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$cur"))
  elif [[ -n $words && -z $argument ]]; then COMPREPLY=($(compgen -W "$words" -- "$cur"))
  elif [[ -n $files ]]; then COMPREPLY=($(compgen -f -- "$cur"))
  fi
}
complete -F _sleuth sleuth
`
}

/** Before the name of a command stand options that all have, or all that join a network. */
function beforeCommand(commands: readonly CompletedCommand[]): Omit<CompletedCommand, 'name' | 'summary'> {
  const all = new Map(commands.flatMap(({ options }) => options.map((option) => [option.name, option])))
  const isEverywhere = (option: CompletedOption) =>
    option.name in network ||
    commands.every(({ options }) => options.some(({ name }) => name === option.name))
  const options = [...all.values()].filter(isEverywhere)
  return { words: commands.map(({ name }) => name), options, takesFile: false }
}

function variables({ words, options, takesFile }: Omit<CompletedCommand, 'name' | 'summary'>): string {
  const lists = {
    words,
    options: options.flatMap(spellings),
    values: options.filter(({ value }) => value !== undefined).flatMap(spellings),
    paths: options.filter(({ isFile }) => isFile).flatMap(spellings),
    files: takesFile ? ['1'] : [],
  }
  return Object.entries(lists)
    .map(([name, list]) => `${name}='${list.join(' ')}'`)
    .join(' ')
}
