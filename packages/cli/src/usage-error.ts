/** The command line is wrong: the exit code is 2. The message is a sentence that says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
