/*
 * Forwards Ethernet frames between two devices, as a link of a given rate, delay, loss and queue would.
 *
 *   link-emulator DEVICE0 DEVICE1    forwards, and obeys the lines on stdin, until that ends
 *   link-emulator --plain DEVICE     has the kernel send frames of at most the MTU, with checksums, and ends
 *
 * A line is "DIRECTION NAME VALUE". DIRECTION is 0 (DEVICE0 to DEVICE1) or 1. Each line is answered by "ok" or "error".
 *   rate   bits a second; 0 for no limit (default)
 *   delay  microseconds; 0 is the default
 *   queue  bytes that wait at most, while there is a rate: what comes on top is dropped. Default 131072
 *   loss   how many of 1,000,000 frames are lost. Default 0
 *   seed   of the generator that chooses them. Default 1
 *   block  none (default), all, tcp: every TCP segment, syn: only those that open a connection,
 *          old: those of connections that stand when this is set, udp, multicast: UDP to 224.0.0.0/4,
 *          large: frames of more than 1200 bytes
 *   port   if it is not 0, tcp, syn and old concern only connections to this port, or from it. Default 0
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum block { NONE, ALL, TCP, SYN, OLD, UDP, MULTICAST, LARGE };

/* Connections that were opened since "old" was set, by their ports. Of both directions. */
static unsigned char opened[65536];

struct frame {
  struct frame *next;
  uint64_t due;
  size_t length;
  unsigned char bytes[];
};

/* Each struct is what comes in from one device and goes out to the other. */
struct direction {
  int in, out;
  uint64_t rate, delay, queue, loss, seed, port;
  enum block block;
  /* When the last frame that was taken will have been sent at the rate. */
  uint64_t free_at;
  struct frame *first, **last;
};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void set_feature(int fd, const char *device, uint32_t command) {
  struct ethtool_value value = {.cmd = command, .data = 0};
  struct ifreq request = {0};
  strncpy(request.ifr_name, device, IFNAMSIZ - 1);
  request.ifr_data = (char *)&value;
  if (ioctl(fd, SIOCETHTOOL, &request) < 0) fail(device);
}

/* Without this the frames of a veth are up to 64 KiB large, and their checksums are left to a card that is not there. */
static int make_plain(const char *device) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0) fail("socket");
  set_feature(fd, device, ETHTOOL_STSO);
  set_feature(fd, device, ETHTOOL_SGSO);
  set_feature(fd, device, ETHTOOL_STXCSUM);
  return 0;
}

static int open_device(const char *device) {
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL));
  if (fd < 0) fail("socket");
  struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
  address.sll_ifindex = if_nametoindex(device);
  if (address.sll_ifindex == 0) fail(device);
  struct packet_mreq promiscuous = {.mr_ifindex = address.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
  int yes = 1, size = 8 * 1024 * 1024;
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
  if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof promiscuous) < 0) fail("promiscuous");
  /* Else each frame that is sent here comes back. */
  if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes) < 0) fail("PACKET_IGNORE_OUTGOING");
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0) fail("SO_RCVBUFFORCE");
  return fd;
}

static int is_blocked(const struct direction *way, const unsigned char *bytes, size_t length) {
  enum block block = way->block;
  if (block == ALL || (block == LARGE && length > 1200)) return 1;
  if (length < 34 || bytes[12] != 0x08 || bytes[13] != 0x00) return 0;
  if (bytes[23] == 17) return block == UDP || (block == MULTICAST && bytes[30] >> 4 == 14);
  if (bytes[23] != 6) return 0;
  size_t tcp = 14 + (bytes[14] & 15) * 4;
  if (length <= tcp + 13) return 0;
  unsigned from = bytes[tcp] << 8 | bytes[tcp + 1], to = bytes[tcp + 2] << 8 | bytes[tcp + 3];
  int opens = (bytes[tcp + 13] & 0x12) == 0x02;
  if (opens) opened[from ^ to] = 1;
  if (block == NONE || (way->port != 0 && way->port != from && way->port != to)) return 0;
  return block == TCP || (block == SYN && opens) || (block == OLD && !opened[from ^ to]);
}

static int is_lost(struct direction *way) {
  if (way->loss == 0) return 0;
  /* xorshift64* */
  way->seed ^= way->seed >> 12;
  way->seed ^= way->seed << 25;
  way->seed ^= way->seed >> 27;
  return (way->seed * 2685821657736338717ULL >> 11) % 1000000 < way->loss;
}

static void take(struct direction *way, const unsigned char *bytes, size_t length) {
  if (is_blocked(way, bytes, length) || is_lost(way)) return;
  uint64_t at = now();
  if (way->free_at < at) way->free_at = at;
  if (way->rate > 0) {
    uint64_t waiting = (way->free_at - at) / 1000 * way->rate / 8000000;
    if (waiting + length > way->queue) return;
    way->free_at += length * 8000000000ULL / way->rate;
  }
  struct frame *frame = malloc(sizeof *frame + length);
  if (frame == NULL) fail("malloc");
  frame->next = NULL;
  frame->due = way->free_at + way->delay * 1000;
  frame->length = length;
  memcpy(frame->bytes, bytes, length);
  *way->last = frame;
  way->last = &frame->next;
}

static void receive_all(struct direction *way) {
  unsigned char bytes[65536];
  for (int count = 0; count < 256; count++) {
    ssize_t length = recv(way->in, bytes, sizeof bytes, 0);
    if (length < 0) {
      /* ENETDOWN: the device was set down, and may come up again. */
      if (errno == EAGAIN || errno == EINTR || errno == ENETDOWN) return;
      fail("recv");
    }
    take(way, bytes, length);
  }
}

/* Sends what is due. A device that takes no more, or is down, loses the frame: so do real ones. */
static void send_due(struct direction *way) {
  for (uint64_t at = now(); way->first != NULL && way->first->due <= at;) {
    struct frame *frame = way->first;
    way->first = frame->next;
    if (way->first == NULL) way->last = &way->first;
    (void)!send(way->out, frame->bytes, frame->length, 0);
    free(frame);
  }
}

static const char *obey(struct direction *ways, char *line) {
  unsigned at;
  char name[16], value[24];
  if (sscanf(line, "%u %15s %23s", &at, name, value) != 3 || at > 1) return "error";
  struct direction *way = &ways[at];
  char *end;
  uint64_t number = strtoull(value, &end, 10);
  if (strcmp(name, "block") == 0) {
    const char *names[] = {"none", "all", "tcp", "syn", "old", "udp", "multicast", "large"};
    memset(opened, 0, sizeof opened);
    for (int block = NONE; block <= LARGE; block++)
      if (strcmp(value, names[block]) == 0) return way->block = block, "ok";
    return "error";
  }
  if (*end != '\0') return "error";
  if (strcmp(name, "rate") == 0) way->rate = number;
  else if (strcmp(name, "delay") == 0) way->delay = number;
  else if (strcmp(name, "queue") == 0) way->queue = number;
  else if (strcmp(name, "loss") == 0) way->loss = number;
  else if (strcmp(name, "port") == 0) way->port = number;
  else if (strcmp(name, "seed") == 0 && number > 0) way->seed = number;
  else return "error";
  return "ok";
}

/* False at the end of the input. */
static int read_lines(struct direction *ways) {
  static char text[4096];
  static size_t length;
  ssize_t more = read(0, text + length, sizeof text - 1 - length);
  if (more <= 0) return 0;
  length += more;
  text[length] = '\0';
  char *line = text;
  for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
    *end = '\0';
    puts(obey(ways, line));
  }
  fflush(stdout);
  length = strlen(line);
  memmove(text, line, length);
  return 1;
}

static int64_t time_left(const struct direction *ways) {
  int64_t least = 1000000000;
  for (int at = 0; at < 2; at++) {
    if (ways[at].first == NULL) continue;
    int64_t left = (int64_t)(ways[at].first->due - now());
    if (left < least) least = left;
  }
  return least < 0 ? 0 : least;
}

int main(int count, char **words) {
  if (count == 3 && strcmp(words[1], "--plain") == 0) return make_plain(words[2]);
  if (count != 3) {
    fprintf(stderr, "usage: link-emulator DEVICE0 DEVICE1, or link-emulator --plain DEVICE\n");
    return 2;
  }
  int devices[] = {open_device(words[1]), open_device(words[2])};
  struct direction ways[2] = {0};
  for (int at = 0; at < 2; at++) {
    ways[at].in = devices[at];
    ways[at].out = devices[1 - at];
    ways[at].queue = 131072;
    ways[at].seed = 1;
    ways[at].last = &ways[at].first;
  }
  puts("ready");
  fflush(stdout);
  struct pollfd polled[] = {{devices[0], POLLIN, 0}, {devices[1], POLLIN, 0}, {0, POLLIN, 0}};
  for (;;) {
    int64_t left = time_left(ways);
    struct timespec wait = {left / 1000000000, left % 1000000000};
    if (ppoll(polled, 3, &wait, NULL) < 0 && errno != EINTR) fail("poll");
    for (int at = 0; at < 2; at++) {
      receive_all(&ways[at]);
      send_due(&ways[at]);
    }
    if (polled[2].revents != 0 && !read_lines(ways)) return 0;
  }
}
