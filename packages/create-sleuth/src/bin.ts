#!/usr/bin/env node
const { node } = process.versions
const [major = 0, minor = 0] = node.split('.').map(Number)

// Before anything else is loaded: an import of what an older Node does not have ends in a SyntaxError.
if (major < 20 || major === 21 || (major === 20 && minor < 19) || (major === 22 && minor < 12)) {
  process.stderr.write(
    `create-sleuth: this is Node ${node}; install Node 22.12 or later, or Node 20 from 20.19 on\n`,
  )
  process.exitCode = 1
} else {
  const { main } = await import('./main.js')
  process.exitCode = await main(process.argv.slice(2), process)
}

export {}
