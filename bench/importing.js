// How long an import takes in a process that has loaded nothing else. Argument: URL of the module.
const url = process.argv[2]
const started = performance.now()
await import(url)
process.send({ milliseconds: performance.now() - started }, () => process.disconnect())
