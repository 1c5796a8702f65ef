import type { Check, Finding } from './check.js'
import type { Context } from './context.js'

/** A check that fails itself is a finding, and the others go on. Rejects when the signal aborts. */
export async function runCheck(check: Check, context: Context, signal: AbortSignal): Promise<Finding[]> {
  try {
    const findings = await check.run(context)
    signal.throwIfAborted()
    return findings
  } catch (error) {
    signal.throwIfAborted()
    const text = `the check itself failed: ${(error as Error).message}`
    return [{ status: 'fail', text, remedy: 'Please report this, with the output of sleuth doctor --json.' }]
  }
}
