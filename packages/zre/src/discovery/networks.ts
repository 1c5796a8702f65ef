import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** Addresses of seeds that are kept. A name that changes its address each time would fill the memory. */
const MAX_ADDRESSES = 1024

/** Whether the text is a block of addresses such as `10.0.0.0/8` or `fd00::/8`, or a single address. */
export function isBlock(text: string): boolean {
  return parseBlock(text) !== undefined
}

/**
 * To whose endpoints connections may be opened beside those of the node's own subnet: to the blocks that the user names, and to
 * the addresses that seeds have. Without this, whoever sends a HELLO could have a node connect to any host that it can reach.
 */
export class Networks {
  readonly #blocks = new BlockList()
  /** Those of seeds, the one that was seen last at the end. */
  readonly #addresses = new Set<string>()

  constructor(blocks: readonly string[] = []) {
    for (const text of blocks) {
      const block = parseBlock(text)
      if (block !== undefined) this.#blocks.addSubnet(block.base, block.prefix, block.family)
    }
  }

  /** A seed has this address. */
  add(address: string): void {
    this.#addresses.delete(address)
    this.#addresses.add(address)
    if (this.#addresses.size <= MAX_ADDRESSES) return
    for (const oldest of this.#addresses) {
      this.#addresses.delete(oldest)
      return
    }
  }

  has(address: string): boolean {
    return this.#addresses.has(address) || this.#blocks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
  }
}

interface Block {
  readonly base: string
  readonly prefix: number
  readonly family: 'ipv4' | 'ipv6'
}

function parseBlock(text: string): Block | undefined {
  const [, base = '', digits] = /^([0-9A-Fa-f.:]{2,45})(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const bits = isIPv4(base) ? 32 : isIPv6(base) ? 128 : undefined
  if (bits === undefined) return undefined
  const prefix = digits === undefined ? bits : Number(digits)
  return prefix <= bits ? { base, prefix, family: bits === 32 ? 'ipv4' : 'ipv6' } : undefined
}
