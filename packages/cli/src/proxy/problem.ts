import { type ServerResponse, STATUS_CODES } from 'node:http'

/** Why a proxy answers itself (RFC 9457). */
export interface Problem {
  readonly status: number
  /** What happened, and what to do, for people. */
  readonly detail: string
  /** What happened, for programs. */
  readonly code: string
  /** What else is known. */
  readonly more?: Readonly<Record<string, unknown>>
  /** Further headers: names and values alternate. */
  readonly headers?: readonly string[]
}

export function problemBody({ status, detail, code, more }: Problem): Buffer {
  const title = STATUS_CODES[status] ?? 'Error'
  return Buffer.from(`${JSON.stringify({ type: 'about:blank', title, status, detail, code, ...more })}\n`)
}

/** The header `x-sleuth-error` tells a proxy's own response from one of the service, which can't set it. */
export function problemHeaders(problem: Problem, length: number): string[] {
  return [
    'Content-Type',
    'application/problem+json',
    'Content-Length',
    String(length),
    'Cache-Control',
    'no-store',
    'X-Sleuth-Error',
    problem.code,
    ...(problem.headers ?? []),
  ]
}

/** Answers with a problem, unless the response has begun: then it is cut. */
export function sendProblem(res: ServerResponse, problem: Problem): void {
  if (res.headersSent) {
    res.destroy()
    return
  }
  const body = problemBody(problem)
  res.writeHead(problem.status, problemHeaders(problem, body.length))
  res.end(body)
}
