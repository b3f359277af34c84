/*
 * faucet.c - an order service whose streams flow as they are told: the
 * upstream of the scenarios about slow readers, slow writers and latency.
 *
 *   faucet [-p PORT] [-l PORT] [-r PORT]
 *
 *   -p  gRPC over cleartext HTTP/2 on 127.0.0.1
 *   -l  plain TCP: a line every 10 ms, {"description":"<nanoseconds>"}
 *   -r  plain TCP: a relay to the port of -l, to compare the gateway with
 *
 * searchOrders, by its value:
 *   "flood SIZE COUNT"  COUNT orders with a description of SIZE bytes, as fast
 *                       as the windows allow
 *   "tick MS COUNT"     an order every MS milliseconds; its id counts from 1,
 *                       its description is CLOCK_MONOTONIC in nanoseconds
 * updateOrders: with metadata x-rate, takes so many bytes a second off the
 * stream's window; answers with the number of bytes it got.
 * processOrders: a shipment for each DATA frame, at once.
 * getOrder: answers an order with that id at once; "hang" never.
 *
 * It tells on standard output, a line each: "cancel <nanoseconds>" for every
 * stream that is reset by the gateway.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct buf { uint8_t *p; size_t n, cap; };

static void put(struct buf *b, const void *p, size_t n) {
    if (b->n + n > b->cap) {
        b->cap = (b->n + n) * 2;
        b->p = realloc(b->p, b->cap);
        if (!b->p) abort();
    }
    memcpy(b->p + b->n, p, n);
    b->n += n;
}
static void put_varint(struct buf *b, uint64_t v) {
    uint8_t c;
    do { c = (v & 0x7f) | (v > 0x7f ? 0x80 : 0); put(b, &c, 1); } while (v >>= 7);
}
static void put_text(struct buf *b, int field, const void *p, size_t n) {
    put_varint(b, (uint64_t)field << 3 | 2);
    put_varint(b, n);
    put(b, p, n);
}
static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

enum method { GET, SEARCH, UPDATE, PROCESS, OTHER };
struct call {
    struct call *next, **link;
    int32_t id;
    enum method method;
    struct buf in, out;
    size_t off;
    uint64_t seq, count, due, received;
    long size, period, rate;      /* period 0: flood */
    double credit;
    size_t owed;
    bool replied, flows, done;
};
struct conn {
    struct conn *next, **link;
    int fd;
    nghttp2_session *s;
    struct call *calls;
    struct buf out;
    size_t off;
    bool writing;
};
static struct conn *conns;
static int ep;
static char filler[1 << 20];

static void frame(struct buf *b, const struct buf *message) {
    uint8_t head[5] = {0, (uint8_t)(message->n >> 24), (uint8_t)(message->n >> 16), (uint8_t)(message->n >> 8),
                       (uint8_t)message->n};
    put(b, head, 5);
    put(b, message->p, message->n);
}
static void order(struct call *c, const void *description, size_t n) {
    struct buf m = {0};
    char id[32];
    int len = snprintf(id, sizeof id, "%llu", (unsigned long long)++c->seq);
    put_text(&m, 1, id, (size_t)len);
    put_text(&m, 3, description, n);
    frame(&c->out, &m);
    free(m.p);
}

static ssize_t on_read(nghttp2_session *s, int32_t id, uint8_t *to, size_t room, uint32_t *flags,
                       nghttp2_data_source *source, void *user) {
    struct call *c = source->ptr;
    size_t done = 0;
    (void)user;
    while (done < room) {
        if (c->off == c->out.n) {
            c->out.n = c->off = 0;
            if (!c->flows || c->period || c->seq >= c->count) break;
            order(c, filler, (size_t)c->size);
        }
        size_t n = c->out.n - c->off;
        if (n > room - done) n = room - done;
        memcpy(to + done, c->out.p + c->off, n);
        c->off += n;
        done += n;
    }
    if (c->off == c->out.n && (c->done || (c->flows && c->seq >= c->count))) {
        nghttp2_nv nv = {(uint8_t *)"grpc-status", (uint8_t *)"0", 11, 1, 0};
        *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
        nghttp2_submit_trailer(s, id, &nv, 1);
    } else if (!done) return NGHTTP2_ERR_DEFERRED;
    return (ssize_t)done;
}
static void reply(struct conn *k, struct call *c) {
    if (c->replied) { nghttp2_session_resume_data(k->s, c->id); return; }
    nghttp2_nv nv[2] = {{(uint8_t *)":status", (uint8_t *)"200", 7, 3, 0},
                        {(uint8_t *)"content-type", (uint8_t *)"application/grpc", 12, 16, 0}};
    nghttp2_data_provider dp = {.source.ptr = c, .read_callback = on_read};
    c->replied = true;
    nghttp2_submit_response(k->s, c->id, nv, 2, &dp);
}

static void ended(struct conn *k, struct call *c) {
    struct buf m = {0};
    char text[256] = "", *value = text;
    if (c->method == UPDATE) {
        int n = snprintf(text, sizeof text, "bytes %llu", (unsigned long long)c->received);
        put_text(&m, 1, text, (size_t)n);
    } else if (c->in.n > 7) {      /* prefix, tag, length, value: a StringValue shorter than 128 */
        size_t n = c->in.n - 7 < sizeof text - 1 ? c->in.n - 7 : sizeof text - 1;
        memcpy(text, c->in.p + 7, n);
    }
    if (c->method == SEARCH) {
        unsigned long long a = 0, b = 0;
        c->flows = true;
        if (sscanf(value, "flood %llu %llu", &a, &b) == 2) c->size = (long)(a < sizeof filler ? a : sizeof filler);
        else if (sscanf(value, "tick %llu %llu", &a, &b) == 2) c->period = (long)(a ? a : 1);
        c->count = b;
        c->due = now_ns();
    } else {
        if (c->method == GET && !strcmp(text, "hang")) return;
        if (c->method == GET) put_text(&m, 1, text, strlen(text));
        if (c->method != PROCESS) frame(&c->out, &m);
        c->done = true;
    }
    free(m.p);
    reply(k, c);
}

static int on_begin(nghttp2_session *s, const nghttp2_frame *f, void *user) {
    struct conn *k = user;
    if (f->hd.type != NGHTTP2_HEADERS || f->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    struct call *c = calloc(1, sizeof *c);
    if (!c) abort();
    c->id = f->hd.stream_id;
    c->method = OTHER;
    c->next = k->calls;
    c->link = &k->calls;
    if (c->next) c->next->link = &c->next;
    k->calls = c;
    nghttp2_session_set_stream_user_data(s, c->id, c);
    return 0;
}
static int on_header(nghttp2_session *s, const nghttp2_frame *f, const uint8_t *name, size_t nn,
                     const uint8_t *value, size_t vn, uint8_t flags, void *user) {
    struct call *c = nghttp2_session_get_stream_user_data(s, f->hd.stream_id);
    char text[32] = "";
    (void)flags; (void)user;
    if (!c) return 0;
    if (nn == 5 && !memcmp(name, ":path", 5)) {
        if (vn > 8 && !memcmp(value + vn - 8, "getOrder", 8)) c->method = GET;
        if (vn > 12 && !memcmp(value + vn - 12, "searchOrders", 12)) c->method = SEARCH;
        if (vn > 12 && !memcmp(value + vn - 12, "updateOrders", 12)) c->method = UPDATE;
        if (vn > 13 && !memcmp(value + vn - 13, "processOrders", 13)) c->method = PROCESS;
    } else if (nn == 6 && !memcmp(name, "x-rate", 6) && vn < sizeof text) {
        memcpy(text, value, vn);
        c->rate = atol(text);
    }
    return 0;
}
static int on_data(nghttp2_session *s, uint8_t flags, int32_t id, const uint8_t *p, size_t n, void *user) {
    struct call *c = nghttp2_session_get_stream_user_data(s, id);
    (void)flags;
    nghttp2_session_consume_connection(s, n);
    if (!c) return 0;
    c->received += n;
    if (c->method == PROCESS && n) {
        struct buf m = {0};
        put_text(&m, 1, "shipment", 8);
        frame(&c->out, &m);
        free(m.p);
        reply(user, c);
    } else if (c->method != UPDATE) put(&c->in, p, n);
    if (c->rate) c->owed += n;
    else nghttp2_session_consume_stream(s, id, n);
    return 0;
}
static int on_frame(nghttp2_session *s, const nghttp2_frame *f, void *user) {
    if (f->hd.type == NGHTTP2_RST_STREAM) {
        printf("cancel %llu\n", (unsigned long long)now_ns());
        fflush(stdout);
    }
    if ((f->hd.type != NGHTTP2_HEADERS && f->hd.type != NGHTTP2_DATA) || !(f->hd.flags & NGHTTP2_FLAG_END_STREAM))
        return 0;
    struct call *c = nghttp2_session_get_stream_user_data(s, f->hd.stream_id);
    if (c) ended(user, c);
    return 0;
}
static int on_close(nghttp2_session *s, int32_t id, uint32_t code, void *user) {
    struct call *c = nghttp2_session_get_stream_user_data(s, id);
    (void)code; (void)user;
    if (!c) return 0;
    *c->link = c->next;
    if (c->next) c->next->link = c->link;
    free(c->in.p);
    free(c->out.p);
    free(c);
    return 0;
}

static bool flush(struct conn *k) {
    for (;;) {
        while (k->out.n < 256 * 1024) {
            const uint8_t *p;
            ssize_t n = nghttp2_session_mem_send(k->s, &p);
            if (n < 0) return false;
            if (!n) break;
            put(&k->out, p, (size_t)n);
        }
        if (k->off == k->out.n) break;
        ssize_t w = send(k->fd, k->out.p + k->off, k->out.n - k->off, MSG_NOSIGNAL);
        if (w < 0) {
            if (errno == EINTR) continue;
            if (errno != EAGAIN) return false;
            break;
        }
        k->off += (size_t)w;
        if (k->off == k->out.n) k->off = k->out.n = 0;
    }
    bool want = k->off < k->out.n;
    if (want != k->writing) {
        struct epoll_event ev = {.events = EPOLLIN | (want ? EPOLLOUT : 0), .data.ptr = k};
        epoll_ctl(ep, EPOLL_CTL_MOD, k->fd, &ev);
        k->writing = want;
    }
    return true;
}
static void shut(struct conn *k) {
    close(k->fd);
    while (k->calls) on_close(k->s, k->calls->id, 0, k);
    nghttp2_session_del(k->s);
    *k->link = k->next;
    if (k->next) k->next->link = k->link;
    free(k->out.p);
    free(k);
}

/* Every millisecond: streams that are due, and bytes that slow readers take. */
static void tick(void) {
    uint64_t now = now_ns();
    static uint64_t last;
    double elapsed = last ? (double)(now - last) / 1e9 : 0;
    last = now;
    for (struct conn *k = conns, *next; k; k = next) {
        bool any = false;
        next = k->next;
        for (struct call *c = k->calls; c; c = c->next) {
            if (c->period && c->seq < c->count && now >= c->due) {
                char text[32];
                int n = snprintf(text, sizeof text, "%llu", (unsigned long long)now_ns());
                order(c, text, (size_t)n);
                c->due += (uint64_t)c->period * 1000000u;
                reply(k, c);
                any = true;
            } else if (c->flows && !c->replied) {
                reply(k, c);
                any = true;
            }
            if (c->rate && c->owed) {
                c->credit += elapsed * (double)c->rate;
                size_t n = c->credit < (double)c->owed ? (size_t)c->credit : c->owed;
                if (n) {
                    nghttp2_session_consume_stream(k->s, c->id, n);
                    c->owed -= n;
                    c->credit -= (double)n;
                    any = true;
                }
            }
        }
        if (any && !flush(k)) shut(k);
    }
}

static int listener(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, 1024)) { perror("listen"); exit(1); }
    return fd;
}
static int nodelay(int fd) {
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}
static void *lines(void *arg) {
    for (int l = listener(*(int *)arg);;) {
        int fd = nodelay(accept(l, NULL, NULL));
        char text[64];
        for (;;) {
            int n = snprintf(text, sizeof text, "{\"description\":\"%llu\"}\n", (unsigned long long)now_ns());
            if (send(fd, text, (size_t)n, MSG_NOSIGNAL) < 0) break;
            usleep(10000);
        }
        close(fd);
    }
    return NULL;
}
static int relay_to;
static void *relay(void *arg) {
    for (int l = listener(*(int *)arg);;) {
        int fd = nodelay(accept(l, NULL, NULL)), up = nodelay(socket(AF_INET, SOCK_STREAM, 0));
        struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)relay_to),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        char bytes[65536];
        ssize_t n = connect(up, (struct sockaddr *)&a, sizeof a);
        if (!n) while ((n = recv(up, bytes, sizeof bytes, 0)) > 0 && send(fd, bytes, (size_t)n, MSG_NOSIGNAL) > 0) {}
        close(up);
        close(fd);
    }
    return NULL;
}

int main(int argc, char **argv) {
    int port = 50051, line_port = 0, relay_port = 0, opt;
    while ((opt = getopt(argc, argv, "p:l:r:")) != -1)
        switch (opt) {
        case 'p': port = atoi(optarg); break;
        case 'l': line_port = relay_to = atoi(optarg); break;
        case 'r': relay_port = atoi(optarg); break;
        default: fprintf(stderr, "usage: faucet [-p port] [-l port] [-r port]\n"); return 2;
        }
    signal(SIGPIPE, SIG_IGN);
    memset(filler, 'x', sizeof filler);
    pthread_t t;
    if (line_port && pthread_create(&t, NULL, lines, &line_port)) return 1;
    if (relay_port && pthread_create(&t, NULL, relay, &relay_port)) return 1;

    nghttp2_session_callbacks *cbs;
    nghttp2_option *option;
    nghttp2_session_callbacks_new(&cbs);
    nghttp2_session_callbacks_set_on_begin_headers_callback(cbs, on_begin);
    nghttp2_session_callbacks_set_on_header_callback(cbs, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cbs, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(cbs, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(cbs, on_close);
    nghttp2_option_new(&option);
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_option_set_no_closed_streams(option, 1);

    int l = listener(port), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct itimerspec every = {{0, 1000000}, {0, 1000000}};
    timerfd_settime(timer, 0, &every, NULL);
    ep = epoll_create1(0);
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = &l}, events[256];
    epoll_ctl(ep, EPOLL_CTL_ADD, l, &ev);
    ev.data.ptr = &timer;
    epoll_ctl(ep, EPOLL_CTL_ADD, timer, &ev);
    uint8_t *in = malloc(256 * 1024);
    for (;;) {
        int n = epoll_wait(ep, events, 256, -1);
        bool due = false;
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr == &timer) {
                uint64_t times;
                due = read(timer, &times, sizeof times) > 0;
            } else if (events[i].data.ptr == &l) {
                int fd = accept4(l, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
                struct conn *k = calloc(1, sizeof *k);
                if (fd < 0 || !k) continue;
                k->fd = nodelay(fd);
                k->next = conns;
                k->link = &conns;
                if (conns) conns->link = &k->next;
                conns = k;
                nghttp2_session_server_new2(&k->s, cbs, k, option);
                nghttp2_settings_entry set = {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 100000};
                nghttp2_submit_settings(k->s, NGHTTP2_FLAG_NONE, &set, 1);
                struct epoll_event e = {.events = EPOLLIN, .data.ptr = k};
                epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
                if (!flush(k)) shut(k);
            } else {
                struct conn *k = events[i].data.ptr;
                bool alive = true;
                if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
                    ssize_t r = recv(k->fd, in, 256 * 1024, 0);
                    if (r == 0 || (r < 0 && errno != EAGAIN && errno != EINTR)) alive = false;
                    else if (r > 0 && nghttp2_session_mem_recv(k->s, in, (size_t)r) != r) alive = false;
                }
                if (!alive || !flush(k)) shut(k);
            }
        }
        if (due) tick();
    }
}
