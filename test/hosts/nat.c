/*
 * Translates addresses as the router of an office does: connections that hosts inside make leave from the public address, and what
 * comes to a forwarded port of it goes to a host inside. Nothing else comes in.
 *
 *   nat DEVICE PUBLIC-ADDRESS [PORT:ADDRESS:PORT]...
 *
 * DEVICE is a TUN device. To it are routed what hosts inside send to others, and what others send to the public address. Whatever
 * is not TCP or UDP is dropped. The mapping depends on both ends of a connection, as in the strictest routers. The line "forget" on
 * stdin drops all mappings, as a router does that starts anew; it is answered by "ok". The program ends when stdin does.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netinet/ip.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { FLOWS = 4096, FORWARDS = 8, FIRST_PORT = 30000 };

/* Addresses and ports are in network order. */
struct flow {
  uint8_t protocol;
  uint32_t inside, remote;
  uint16_t inside_port, remote_port, public_port;
};

struct forward {
  uint16_t public_port, inside_port;
  uint32_t inside;
};

static struct flow flows[FLOWS];
static unsigned flow_count, connections;
static struct forward forwards[FORWARDS];
static int forward_count;
static uint32_t public_address;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int open_device(const char *name) {
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  if (fd < 0) fail("/dev/net/tun");
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(fd, TUNSETIFF, &request) < 0) fail(name);
  return fd;
}

static uint32_t sum(uint32_t total, const unsigned char *bytes, size_t length) {
  for (size_t at = 0; at + 1 < length; at += 2) total += bytes[at] << 8 | bytes[at + 1];
  if (length % 2 == 1) total += bytes[length - 1] << 8;
  return total;
}

static uint16_t fold(uint32_t total) {
  while (total > 0xffff) total = (total & 0xffff) + (total >> 16);
  return htons(~total & 0xffff);
}

static void write_checksums(struct iphdr *ip, unsigned char *segment, size_t length) {
  ip->check = 0;
  ip->check = fold(sum(0, (unsigned char *)ip, ip->ihl * 4));
  unsigned char *field = segment + (ip->protocol == IPPROTO_TCP ? 16 : 6);
  memset(field, 0, 2);
  uint32_t total = sum(ip->protocol + length, (unsigned char *)&ip->saddr, 8);
  uint16_t check = fold(sum(total, segment, length));
  memcpy(field, &check, 2);
}

static struct flow *add_flow(struct flow flow) {
  if (flow_count == FLOWS) return NULL;
  flows[flow_count] = flow;
  return &flows[flow_count++];
}

static struct flow *outgoing(uint8_t protocol, uint32_t from, uint16_t port, uint32_t remote, uint16_t remote_port) {
  for (unsigned at = 0; at < flow_count; at++) {
    struct flow *flow = &flows[at];
    if (flow->protocol == protocol && flow->inside == from && flow->inside_port == port && flow->remote == remote &&
        flow->remote_port == remote_port)
      return flow;
  }
  uint16_t public_port = htons(FIRST_PORT + connections++ % (65536 - FIRST_PORT));
  return add_flow((struct flow){protocol, from, remote, port, remote_port, public_port});
}

static struct flow *incoming(uint8_t protocol, uint16_t public_port, uint32_t remote, uint16_t remote_port) {
  for (unsigned at = 0; at < flow_count; at++) {
    struct flow *flow = &flows[at];
    if (flow->protocol == protocol && flow->public_port == public_port && flow->remote == remote &&
        flow->remote_port == remote_port)
      return flow;
  }
  for (int at = 0; at < forward_count; at++) {
    struct forward *to = &forwards[at];
    if (to->public_port == public_port)
      return add_flow((struct flow){protocol, to->inside, remote, to->inside_port, remote_port, public_port});
  }
  return NULL;
}

/* False if the packet is dropped. */
static int translate(unsigned char *bytes, size_t length) {
  struct iphdr *ip = (struct iphdr *)bytes;
  if (length < sizeof *ip || ip->version != 4) return 0;
  size_t head = ip->ihl * 4;
  if (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP) return 0;
  if ((ntohs(ip->frag_off) & 0x3fff) != 0 || length < head + (ip->protocol == IPPROTO_TCP ? 20 : 8)) return 0;
  unsigned char *segment = bytes + head;
  uint16_t from, to;
  memcpy(&from, segment, 2);
  memcpy(&to, segment + 2, 2);
  if (ip->daddr != public_address) {
    struct flow *flow = outgoing(ip->protocol, ip->saddr, from, ip->daddr, to);
    if (flow == NULL) return 0;
    ip->saddr = public_address;
    memcpy(segment, &flow->public_port, 2);
  } else {
    struct flow *flow = incoming(ip->protocol, to, ip->saddr, from);
    if (flow == NULL) return 0;
    ip->daddr = flow->inside;
    memcpy(segment + 2, &flow->inside_port, 2);
  }
  write_checksums(ip, segment, length - head);
  return 1;
}

static void add_forward(const char *text) {
  unsigned public_port, port;
  char address[16];
  if (forward_count == FORWARDS || sscanf(text, "%u:%15[0-9.]:%u", &public_port, address, &port) != 3) {
    fprintf(stderr, "not PORT:ADDRESS:PORT, or too many: %s\n", text);
    exit(2);
  }
  forwards[forward_count++] = (struct forward){htons(public_port), htons(port), inet_addr(address)};
}

int main(int count, char **words) {
  if (count < 3) {
    fprintf(stderr, "usage: nat DEVICE PUBLIC-ADDRESS [PORT:ADDRESS:PORT]...\n");
    return 2;
  }
  int device = open_device(words[1]);
  public_address = inet_addr(words[2]);
  for (int at = 3; at < count; at++) add_forward(words[at]);
  puts("ready");
  fflush(stdout);
  struct pollfd polled[] = {{device, POLLIN, 0}, {0, POLLIN, 0}};
  for (;;) {
    if (poll(polled, 2, -1) < 0 && errno != EINTR) fail("poll");
    unsigned char bytes[65536] __attribute__((aligned(4)));
    for (ssize_t length; (length = read(device, bytes, sizeof bytes)) > 0;)
      if (translate(bytes, length)) (void)!write(device, bytes, length);
    if (polled[1].revents == 0) continue;
    char line[64];
    ssize_t length = read(0, line, sizeof line);
    if (length <= 0) return 0;
    flow_count = 0;
    puts("ok");
    fflush(stdout);
  }
}
