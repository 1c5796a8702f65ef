/** The network that a node lives on: one IPv4 address of one interface. */
export interface Network {
  readonly name: string
  readonly address: string
  readonly netmask: string
  readonly broadcast: string
  readonly loopback: boolean
}
