import { plain } from '../output/text.js'
import { UsageError } from '../usage-error.js'
import type { Summary } from './summary.js'

/** The variables of `--write-out`. The first ones are curl's. Times are in seconds, as there. */
const variables = {
  http_code: ({ status }) => String(status ?? 0).padStart(3, '0'),
  response_code: ({ status }) => String(status ?? 0).padStart(3, '0'),
  content_type: ({ contentType }) => contentType ?? '',
  method: ({ method }) => method,
  url: ({ url }) => url,
  size_download: ({ bytes }) => String(bytes),
  time_starttransfer: ({ headAfter }) => seconds(headAfter),
  time_total: ({ total }) => seconds(total),
  num_retries: ({ attempts }) => String(Math.max(0, attempts.length - 1)),
  exitcode: ({ code }) => String(code),
  errormsg: ({ error }) => error ?? '',
  service: ({ service }) => service,
  instance: ({ instance }) => instance?.name ?? '',
  instance_id: ({ instance }) => instance?.id ?? '',
  endpoint: ({ instance }) => instance?.endpoint ?? '',
  version: ({ instance }) => instance?.version ?? '',
  attempts: ({ attempts }) => String(attempts.length),
} satisfies Record<string, (summary: Summary) => string>

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\' }

/** Throws a `UsageError` for a variable that there is not. */
export function checkFormat(format: string): void {
  for (const [, name = ''] of format.matchAll(/%\{([a-z_]{1,20})\}/g)) {
    if (Object.hasOwn(variables, name)) continue
    throw new UsageError(
      `--write-out knows no %{${name}}: the variables are ${Object.keys(variables).join(', ')}`,
    )
  }
}

export function writeOut(format: string, summary: Summary): string {
  return format.replace(/%\{([a-z_]{1,20})\}|%%|\\(.)/g, (all: string, name?: string, letter?: string) => {
    if (name !== undefined) return plain(variables[name as keyof typeof variables](summary))
    return letter === undefined ? '%' : (escapes[letter] ?? all)
  })
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(6)
}
