/** Bytes that are no frames: what follows the fault can not be read. */
export class PacketFault extends Error {}
