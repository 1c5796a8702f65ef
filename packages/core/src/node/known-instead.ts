/**
 * What is known when a service is not: a name that differs in little, the number of other services, or that nobody is heard.
 * It names no other service, since the message of an error may reach a client outside of the network.
 */
export function knownInstead(service: string, services: readonly string[], heard: () => number): string {
  const letters = plainLetters(service)
  const similar = services.find((name) => plainLetters(name) === letters)
  if (similar !== undefined) return `"${similar}" is known`
  if (services.length > 0) return `${countOf(services.length, 'other service')} known`
  const nodes = heard()
  if (nodes > 0) return `${countOf(nodes, 'other node')} heard, without a service in this group`
  return 'no other node is heard'
}

function plainLetters(name: string): string {
  return name.toLowerCase().replace(/[-_.]/g, '')
}

function countOf(count: number, noun: string): string {
  return count === 1 ? `1 ${noun} is` : `${count} ${noun}s are`
}
