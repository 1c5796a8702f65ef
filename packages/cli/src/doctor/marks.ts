import type { Io } from '../command.js'
import type { Status } from './check.js'

/** Colour is never the only sign. */
const SIGNS: Record<Status, string> = { ok: '✔', warn: '⚠', fail: '✘' }
const ASCII_SIGNS: Record<Status, string> = { ok: '[ok]', warn: '[!!]', fail: '[XX]' }

/** The signs that a terminal can show. */
export function signsFor(env: Io['env'], platform: NodeJS.Platform): Record<Status, string> {
  return showsUnicode(env, platform) ? SIGNS : ASCII_SIGNS
}

function showsUnicode(env: Io['env'], platform: NodeJS.Platform): boolean {
  const { TERM: terminal = '', WT_SESSION, TERM_PROGRAM, LC_ALL, LC_CTYPE, LANG } = env
  if (terminal === 'dumb' || terminal === 'linux') return false
  if (platform === 'win32') return WT_SESSION !== undefined || TERM_PROGRAM === 'vscode'
  const locale = LC_ALL || LC_CTYPE || LANG
  return locale === undefined ? platform === 'darwin' : /utf-?8/i.test(locale)
}
