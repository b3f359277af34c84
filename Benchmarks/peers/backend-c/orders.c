/*
 * orders.c - the order service (../proto/order.proto) as a gRPC server that
 * costs as little as possible, so that it can share one CPU with the load
 * generator while a gateway is measured on another.
 *
 * HTTP/2 is libnghttp2's; the protobuf wire format is walked by hand, and an
 * order is stored as the gRPC message it arrived in, so a read is a copy.
 * It is a load target, not a product: no TLS, no compression, no deadlines.
 *
 *   orders [-a ADDR] [-p PORT] [-n ORDERS] [-t THREADS] [-w WINDOW] [-b]
 *
 *   -n  orders loaded at start, ids 101, 102, ...; each has an item "iPhone XS"
 *   -t  event loops, each with its own listening socket (SO_REUSEPORT)
 *   -w  HTTP/2 receive window of a stream, bytes (the connection gets 16 times)
 *   -b  fill DATA frames; without it each message is a DATA frame of its own,
 *       as grpc-go and grpc-c++ send them
 *
 * Ids that are not orders:  error-N  answers gRPC code N;  detail-N  the same
 * with a google.rpc.Status in grpc-status-details-bin.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 3              /* orders per first shipment */
#define MAX_MESSAGE (64u << 20)

enum { OK = 0, INVALID_ARGUMENT = 3, NOT_FOUND = 5, RESOURCE_EXHAUSTED = 8,
       UNIMPLEMENTED = 12, INTERNAL = 13 };

static int opt_window = 1 << 20;
static bool opt_fill;

/* ---------------------------------------------------------------- buffers */

struct buf { uint8_t *p; size_t n, cap; };

static void *must(void *p) {
    if (!p) { perror("memory"); exit(1); }
    return p;
}
static void need(struct buf *b, size_t more) {
    if (b->n + more <= b->cap) return;
    size_t cap = b->cap ? b->cap : 256;
    while (cap < b->n + more) cap *= 2;
    b->p = must(realloc(b->p, cap));
    b->cap = cap;
}
static void put(struct buf *b, const void *p, size_t n) {
    need(b, n);
    if (n) memcpy(b->p + b->n, p, n);
    b->n += n;
}
static void drop(struct buf *b) { free(b->p); *b = (struct buf){0}; }

/* --------------------------------------------------------------- protobuf */

static bool varint(const uint8_t **p, const uint8_t *end, uint64_t *v) {
    uint64_t x = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (*p == end) return false;
        uint8_t c = *(*p)++;
        x |= (uint64_t)(c & 0x7f) << shift;
        if (!(c & 0x80)) { *v = x; return true; }
    }
    return false;
}

struct field { uint32_t num; int wire; uint64_t v; const uint8_t *p; size_t n; };

/* 1: a field was read, 0: the end, -1: not a protobuf message */
static int next_field(const uint8_t **p, const uint8_t *end, struct field *f) {
    uint64_t tag, len;
    if (*p == end) return 0;
    if (!varint(p, end, &tag) || (tag >> 3) == 0 || (tag >> 3) > 0x1fffffff) return -1;
    f->num = (uint32_t)(tag >> 3);
    f->wire = tag & 7;
    f->p = NULL;
    f->n = 0;
    switch (f->wire) {
    case 0: return varint(p, end, &f->v) ? 1 : -1;
    case 1: if (end - *p < 8) return -1; *p += 8; return 1;
    case 5: if (end - *p < 4) return -1; *p += 4; return 1;
    case 2:
        if (!varint(p, end, &len) || len > (uint64_t)(end - *p)) return -1;
        f->p = *p;
        f->n = (size_t)len;
        *p += len;
        return 1;
    default: return -1;
    }
}

struct text { const uint8_t *p; size_t n; };

/* Order.id, Order.destination and addresses[0].address; false: malformed */
static bool read_order(const uint8_t *p, size_t n, struct text *id, struct text *dest) {
    const uint8_t *end = p + n;
    struct field f, g;
    struct text address = {0}, destination = {0};
    bool seen = false;
    int r;
    *id = (struct text){0};
    while ((r = next_field(&p, end, &f)) > 0) {
        if (f.wire != 2) continue;
        if (f.num == 1) *id = (struct text){f.p, f.n};
        else if (f.num == 5) destination = (struct text){f.p, f.n};
        else if (f.num == 6) {
            const uint8_t *q = f.p, *qe = f.p + f.n;
            int s;
            while ((s = next_field(&q, qe, &g)) > 0)
                if (!seen && g.num == 1 && g.wire == 2) address = (struct text){g.p, g.n};
            if (s < 0) return false;
            seen = true;
        }
    }
    if (dest) *dest = seen ? address : destination;
    return r == 0;
}

static bool read_string_value(const uint8_t *p, size_t n, struct text *out) {
    const uint8_t *end = p + n;
    struct field f;
    int r;
    *out = (struct text){(const uint8_t *)"", 0};
    while ((r = next_field(&p, end, &f)) > 0)
        if (f.num == 1 && f.wire == 2) *out = (struct text){f.p, f.n};
    return r == 0;
}

static bool has_item(const uint8_t *p, size_t n, const struct buf *what) {
    const uint8_t *end = p + n;
    struct field f;
    while (next_field(&p, end, &f) > 0)
        if (f.num == 2 && f.wire == 2 && memmem(f.p, f.n, what->p, what->n)) return true;
    return false;
}

static void put_varint(struct buf *b, uint64_t v) {
    uint8_t t[10];
    int n = 0;
    do { t[n++] = (uint8_t)(v & 0x7f) | (v > 0x7f ? 0x80 : 0); v >>= 7; } while (v);
    put(b, t, n);
}
static void put_bytes(struct buf *b, uint32_t num, const void *p, size_t n) {
    put_varint(b, (uint64_t)num << 3 | 2);
    put_varint(b, n);
    put(b, p, n);
}
static void put_text(struct buf *b, uint32_t num, const char *s) { put_bytes(b, num, s, strlen(s)); }
static void put_int(struct buf *b, uint32_t num, uint64_t v) {
    put_varint(b, (uint64_t)num << 3);
    put_varint(b, v);
}

/* gRPC's five octets in front of a message: begun here, filled in by close */
static size_t open_message(struct buf *b) { put(b, "\0\0\0\0\0", 5); return b->n; }
static void close_message(struct buf *b, size_t at) {
    uint32_t len = htonl((uint32_t)(b->n - at));
    memcpy(b->p + at - 4, &len, 4);
}
static uint32_t message_len(const uint8_t *frame) {
    uint32_t len;
    memcpy(&len, frame + 1, 4);
    return ntohl(len);
}

/* ------------------------------------------------------------------ store */

struct order { atomic_int refs; size_t n; uint8_t frame[]; };  /* n: with the 5 octets */

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static struct order **orders;      /* in the order they were first added */
static size_t orders_n, orders_cap;
static uint32_t *slots;            /* index + 1 into orders; 0 is free */
static size_t slots_n;

static void unref(struct order *o) { if (o && atomic_fetch_sub(&o->refs, 1) == 1) free(o); }

static uint64_t hash(const uint8_t *p, size_t n) {
    uint64_t h = 1469598103934665603u;
    while (n--) h = (h ^ *p++) * 1099511628211u;
    return h ^ h >> 29;
}
static struct text id_of(const struct order *o) {
    struct text id;
    read_order(o->frame + 5, o->n - 5, &id, NULL);
    return id;
}
static size_t slot_of(struct text id) {
    size_t i = hash(id.p, id.n) & (slots_n - 1);
    for (; slots[i]; i = (i + 1) & (slots_n - 1)) {
        struct text t = id_of(orders[slots[i] - 1]);
        if (t.n == id.n && !memcmp(t.p, id.p, t.n)) break;
    }
    return i;
}
static struct order *get(struct text id) {
    struct order *o = NULL;
    pthread_rwlock_rdlock(&lock);
    if (slots_n) {
        size_t s = slot_of(id);
        if (slots[s]) { o = orders[slots[s] - 1]; atomic_fetch_add(&o->refs, 1); }
    }
    pthread_rwlock_unlock(&lock);
    return o;
}
static void store(const uint8_t *msg, size_t n) {
    struct order *o = must(malloc(sizeof *o + n + 5));
    uint32_t len = htonl((uint32_t)n);
    atomic_init(&o->refs, 1);
    o->n = n + 5;
    o->frame[0] = 0;
    memcpy(o->frame + 1, &len, 4);
    memcpy(o->frame + 5, msg, n);

    pthread_rwlock_wrlock(&lock);
    if ((orders_n + 1) * 2 > slots_n) {
        slots_n = slots_n ? slots_n * 2 : 1024;
        free(slots);
        slots = must(calloc(slots_n, sizeof *slots));
        for (size_t i = 0; i < orders_n; i++) slots[slot_of(id_of(orders[i]))] = (uint32_t)i + 1;
    }
    size_t s = slot_of(id_of(o));
    struct order *old = NULL;
    if (slots[s]) {
        old = orders[slots[s] - 1];
        orders[slots[s] - 1] = o;
    } else {
        if (orders_n == orders_cap) {
            orders_cap = orders_cap ? orders_cap * 2 : 1024;
            orders = must(realloc(orders, orders_cap * sizeof *orders));
        }
        orders[orders_n++] = o;
        slots[s] = (uint32_t)orders_n;
    }
    pthread_rwlock_unlock(&lock);
    unref(old);
}

/* The same orders the Go backend loads. */
static void preload(int count) {
    static const char *people[] = {"Mike, Shanghai", "Sam, Beijing", "Tom, Shenzhen", "Ann, Oslo",
                                   "Luc, Montr\xc3\xa9" "al", "Eve, Lima", "Bob, Pune", "Zoe, Turin"};
    for (int i = 1; i <= count; i++) {
        struct buf b = {0}, a = {0};
        char t[128];
        snprintf(t, sizeof t, "%d", 100 + i);
        put_text(&b, 1, t);
        put_text(&b, 2, "iPhone XS");
        put_text(&b, 2, "Mac Book Pro");
        snprintf(t, sizeof t, "Item %d", i);
        put_text(&b, 2, t);
        snprintf(t, sizeof t, "Order number %d, \"gift wrapped\", leave it at the door", i);
        put_text(&b, 3, t);
        float price = 2300.0f + (float)(i % 1000) * 0.25f;
        put_varint(&b, 4 << 3 | 5);
        put(&b, &price, 4);
        put_text(&b, 5, "San Jose, CA");
        for (int k = 0; k < 2; k++) {
            a.n = 0;
            put_text(&a, 1, people[(i + k) % 8]);
            if (k) put_int(&a, 2, 1);
            put_bytes(&b, 6, a.p, a.n);
        }
        a.n = 0;
        put_int(&a, 1, 1700000000u + (unsigned)i);
        if (i % 1000) put_int(&a, 2, (uint64_t)(i % 1000) * 1000000u);
        put_bytes(&b, 7, a.p, a.n);
        store(b.p, b.n);
        drop(&a);
        drop(&b);
    }
}

/* ------------------------------------------------------ connections, calls */

enum method { ADD, GET, SEARCH, UPDATE, PROCESS, UNKNOWN };

struct group { struct buf where, list; size_t count; };   /* one CombinedShipment being filled */

struct call {
    int32_t id;
    enum method method;
    bool replied, finished;      /* response headers submitted; no more output to come */
    int code;                    /* the trailers' */
    struct buf message, details;
    struct buf in;               /* a gRPC message not whole yet */
    size_t seen;                 /* messages received */
    struct buf out;              /* replies not sent yet, from off */
    size_t off, edge;            /* edge: where the message at off ends */
    struct order *one;           /* the order being sent */
    size_t cursor, until;        /* search: indexes into orders */
    struct buf query;
    struct buf text;             /* update: the ids */
    int batch;                   /* process: orders until the next shipment */
    struct group *groups;
    size_t groups_n;
    struct call *next, **link;   /* the connection's calls */
};

struct conn {
    int fd;
    nghttp2_session *s;
    struct buf out;
    size_t off;
    bool want_write;
    struct call *calls;
};

static void free_groups(struct call *c) {
    for (size_t i = 0; i < c->groups_n; i++) { drop(&c->groups[i].where); drop(&c->groups[i].list); }
    free(c->groups);
    c->groups = NULL;
    c->groups_n = 0;
}
static void free_call(struct call *c) {
    if (c->link) { *c->link = c->next; if (c->next) c->next->link = c->link; }
    free_groups(c);
    drop(&c->message); drop(&c->details); drop(&c->in); drop(&c->out); drop(&c->query); drop(&c->text);
    unref(c->one);
    free(c);
}

#define NV(k, v, n) (nghttp2_nv){(uint8_t *)(k), (uint8_t *)(v), sizeof(k) - 1, (n), \
                                 NGHTTP2_NV_FLAG_NO_COPY_NAME}

/* grpc-message's percent-encoding */
static void percent(struct buf *to, const struct buf *from) {
    for (size_t i = 0; i < from->n; i++) {
        uint8_t ch = from->p[i];
        if (ch >= 0x20 && ch < 0x7f && ch != '%') put(to, &ch, 1);
        else { char t[4]; snprintf(t, 4, "%%%02X", ch); put(to, t, 3); }
    }
}
static void base64(struct buf *to, const struct buf *from) {
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < from->n; i += 3) {
        size_t left = from->n - i;
        uint32_t v = (uint32_t)from->p[i] << 16;
        if (left > 1) v |= (uint32_t)from->p[i + 1] << 8;
        if (left > 2) v |= from->p[i + 2];
        for (size_t k = 0; k < (left > 2 ? 4 : left + 1); k++) put(to, &set[v >> (18 - 6 * k) & 63], 1);
    }
}
static size_t trailers(struct call *c, nghttp2_nv *nv, char code[4], struct buf *msg, struct buf *bin) {
    size_t n = 0;
    int len = snprintf(code, 4, "%d", c->code);
    percent(msg, &c->message);
    nv[n++] = NV("grpc-status", code, (size_t)len);
    nv[n++] = NV("grpc-message", msg->n ? (char *)msg->p : "", msg->n);
    if (c->details.n) {
        base64(bin, &c->details);
        nv[n++] = NV("grpc-status-details-bin", bin->p, bin->n);
    }
    return n;
}

static bool search_next(struct call *c) {
    while (!c->one && c->cursor < c->until) {
        pthread_rwlock_rdlock(&lock);
        struct order *o = orders[c->cursor++];
        atomic_fetch_add(&o->refs, 1);
        pthread_rwlock_unlock(&lock);
        if (has_item(o->frame + 5, o->n - 5, &c->query)) c->one = o;
        else unref(o);
    }
    return c->one != NULL;
}

static ssize_t on_read(nghttp2_session *s, int32_t id, uint8_t *to, size_t room, uint32_t *flags,
                       nghttp2_data_source *src, void *user) {
    (void)user;
    struct call *c = src->ptr;
    size_t done = 0;
    while (done < room) {
        const uint8_t *p;
        size_t n;
        if (c->one || search_next(c)) {
            p = c->one->frame + c->off;
            n = c->one->n - c->off;
        } else if (c->off < c->out.n) {
            if (c->off == c->edge) c->edge += 5 + message_len(c->out.p + c->off);
            p = c->out.p + c->off;
            n = c->edge - c->off;
        } else break;
        bool whole = n <= room - done;
        if (!whole) n = room - done;
        memcpy(to + done, p, n);
        done += n;
        c->off += n;
        if (whole && c->one) { unref(c->one); c->one = NULL; c->off = 0; }
        if (whole && !c->one && c->out.n && c->off == c->out.n) c->out.n = c->off = c->edge = 0;
        if (whole && !opt_fill) break;
    }
    bool more = c->one || search_next(c) || c->off < c->out.n;
    if (!more && c->finished) {
        nghttp2_nv nv[3];
        char code[4];
        struct buf msg = {0}, bin = {0};
        size_t n = trailers(c, nv, code, &msg, &bin);
        *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
        nghttp2_submit_trailer(s, id, nv, n);
        drop(&msg);
        drop(&bin);
    } else if (!done) return NGHTTP2_ERR_DEFERRED;
    return (ssize_t)done;
}

static void reply(struct conn *k, struct call *c) {       /* output is ready, or has grown */
    if (c->replied) { nghttp2_session_resume_data(k->s, c->id); return; }
    nghttp2_nv nv[5] = {NV(":status", "200", 3), NV("content-type", "application/grpc", 16)};
    nghttp2_data_provider dp = {.source.ptr = c, .read_callback = on_read};
    c->replied = true;
    nghttp2_submit_response(k->s, c->id, nv, 2, &dp);
}
static void fail(struct conn *k, struct call *c, int code, const char *what, struct text arg) {
    if (c->finished) return;
    c->finished = true;
    c->code = code;
    c->message.n = 0;
    put(&c->message, what, strlen(what));
    put(&c->message, arg.p, arg.n);
    if (c->replied) { nghttp2_session_resume_data(k->s, c->id); return; }
    nghttp2_nv nv[5] = {NV(":status", "200", 3), NV("content-type", "application/grpc", 16)};
    char num[4];
    struct buf msg = {0}, bin = {0};
    size_t n = trailers(c, nv + 2, num, &msg, &bin);
    c->replied = true;
    nghttp2_submit_response(k->s, c->id, nv, 2 + n, NULL);
    drop(&msg);
    drop(&bin);
}
static const struct text none = {(const uint8_t *)"", 0};

static void put_string_value(struct buf *b, const char *head, const void *p, size_t n) {
    size_t at = open_message(b), h = strlen(head);
    put_varint(b, 1 << 3 | 2);
    put_varint(b, h + n);
    put(b, head, h);
    put(b, p, n);
    close_message(b, at);
}

static void ship(struct call *c) {
    for (size_t i = 0; i < c->groups_n; i++) {
        struct group *g = &c->groups[i];
        struct buf id = {0};
        put(&id, "cmb - ", 6);
        put(&id, g->where.p, g->where.n);
        size_t at = open_message(&c->out);
        put_bytes(&c->out, 1, id.p, id.n);
        put_text(&c->out, 2, "Processed!");
        put(&c->out, g->list.p, g->list.n);
        close_message(&c->out, at);
        drop(&id);
    }
    free_groups(c);
}

static bool asked_for_error(struct conn *k, struct call *c, struct text id) {
    char t[32];
    int code;
    bool details;
    if (id.n < 7 || id.n >= sizeof t) return false;
    memcpy(t, id.p, id.n);
    t[id.n] = 0;
    if (sscanf(t, "error-%d", &code) == 1) details = false;
    else if (sscanf(t, "detail-%d", &code) == 1) details = true;
    else return false;
    if (code < 1 || code > 16) return false;
    if (details) {          /* google.rpc.Status with one google.rpc.ErrorInfo */
        struct buf info = {0}, any = {0};
        char msg[64];
        put_text(&info, 1, "ASKED_FOR");
        put_text(&info, 2, "order.example");
        put_text(&any, 1, "type.googleapis.com/google.rpc.ErrorInfo");
        put_bytes(&any, 2, info.p, info.n);
        put_int(&c->details, 1, (uint64_t)code);
        snprintf(msg, sizeof msg, "asked for: %s", t);
        put_text(&c->details, 2, msg);
        put_bytes(&c->details, 3, any.p, any.n);
        drop(&info);
        drop(&any);
    }
    fail(k, c, code, "asked for: ", id);
    return true;
}

static void on_message(struct conn *k, struct call *c, const uint8_t *p, size_t n) {
    struct text id, dest;
    if (c->finished) return;
    c->seen++;
    if (c->method <= SEARCH && c->seen > 1) { fail(k, c, INTERNAL, "more than one request message", none); return; }
    switch (c->method) {
    case ADD:
    case UPDATE:
        if (!read_order(p, n, &id, NULL)) { fail(k, c, INTERNAL, "not an Order", none); return; }
        store(p, n);
        if (c->method == ADD) put_string_value(&c->out, "Order Added: ", id.p, id.n);
        else { put(&c->text, id.p, id.n); put(&c->text, ", ", 2); }
        return;
    case GET:
        if (!read_string_value(p, n, &id)) { fail(k, c, INTERNAL, "not a StringValue", none); return; }
        if (!(c->one = get(id)) && !asked_for_error(k, c, id))
            fail(k, c, NOT_FOUND, "Order does not exist. : ", id);
        return;
    case SEARCH:
        if (!read_string_value(p, n, &id)) { fail(k, c, INTERNAL, "not a StringValue", none); return; }
        if (asked_for_error(k, c, id)) return;
        put(&c->query, id.p, id.n);
        return;
    case PROCESS: {
        if (!read_string_value(p, n, &id)) { fail(k, c, INTERNAL, "not a StringValue", none); return; }
        struct order *o = get(id);
        if (!o) {
            if (!asked_for_error(k, c, id)) fail(k, c, NOT_FOUND, "Order does not exist. : ", id);
            return;
        }
        struct text same;
        read_order(o->frame + 5, o->n - 5, &same, &dest);
        struct group *g = NULL;
        for (size_t i = 0; i < c->groups_n && !g; i++)
            if (c->groups[i].where.n == dest.n && !memcmp(c->groups[i].where.p, dest.p, dest.n)) g = &c->groups[i];
        if (!g) {
            c->groups = must(realloc(c->groups, (c->groups_n + 1) * sizeof *g));
            g = &c->groups[c->groups_n++];
            *g = (struct group){0};
            put(&g->where, dest.p, dest.n);
        }
        put_bytes(&g->list, 3, o->frame + 5, o->n - 5);
        unref(o);
        /* the marker starts at 1 and goes back to 0, so the
         * first batch is of 3 orders and each later one of 4 */
        if (c->batch == BATCH) { ship(c); c->batch = 0; reply(k, c); }
        else c->batch++;
        return;
    }
    default: return;
    }
}

static void on_end(struct conn *k, struct call *c) {
    if (c->finished) return;
    if (c->in.n) { fail(k, c, INTERNAL, "the last message is cut short", none); return; }
    if (c->method <= SEARCH && c->seen != 1) { fail(k, c, INTERNAL, "no request message", none); return; }
    if (c->method == SEARCH) {
        pthread_rwlock_rdlock(&lock);
        c->until = orders_n;
        pthread_rwlock_unlock(&lock);
    } else if (c->method == UPDATE) {
        put_string_value(&c->out, "Orders processed Updated Order IDs : ", c->text.p, c->text.n);
    } else if (c->method == PROCESS) ship(c);
    c->finished = true;
    reply(k, c);
}

static int on_begin(nghttp2_session *s, const nghttp2_frame *f, void *user) {
    struct conn *k = user;
    if (f->hd.type != NGHTTP2_HEADERS || f->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    struct call *c = must(calloc(1, sizeof *c));
    c->id = f->hd.stream_id;
    c->method = UNKNOWN;
    c->batch = 1;
    c->next = k->calls;
    c->link = &k->calls;
    if (c->next) c->next->link = &c->next;
    k->calls = c;
    nghttp2_session_set_stream_user_data(s, c->id, c);
    return 0;
}
static int on_header(nghttp2_session *s, const nghttp2_frame *f, const uint8_t *name, size_t nn,
                     const uint8_t *val, size_t vn, uint8_t flags, void *user) {
    static const char *paths[] = {"addOrder", "getOrder", "searchOrders", "updateOrders", "processOrders"};
    static const char head[] = "/order.OrderManagement/";
    (void)flags; (void)user;
    if (nn != 5 || memcmp(name, ":path", 5)) return 0;
    struct call *c = nghttp2_session_get_stream_user_data(s, f->hd.stream_id);
    if (!c || vn < sizeof head || memcmp(val, head, sizeof head - 1)) return 0;
    for (int i = 0; i < 5; i++)
        if (strlen(paths[i]) == vn - sizeof head + 1 && !memcmp(paths[i], val + sizeof head - 1, vn - sizeof head + 1))
            c->method = (enum method)i;
    return 0;
}
static bool may_come(struct conn *k, struct call *c, const uint8_t *head) {
    if (head[0]) fail(k, c, UNIMPLEMENTED, "compression is not supported", none);
    else if (message_len(head) > MAX_MESSAGE) fail(k, c, RESOURCE_EXHAUSTED, "message too large", none);
    return !c->finished;
}
static int on_data(nghttp2_session *s, uint8_t flags, int32_t id, const uint8_t *p, size_t n, void *user) {
    struct conn *k = user;
    struct call *c = nghttp2_session_get_stream_user_data(s, id);
    (void)flags;
    if (!c || c->finished) return 0;
    if (c->in.n) {                         /* complete what was left over */
        while (n && c->in.n < 5) { put(&c->in, p, 1); p++; n--; }
        if (c->in.n < 5 || !may_come(k, c, c->in.p)) return 0;
        size_t whole = 5 + (size_t)message_len(c->in.p), take = whole - c->in.n;
        if (take > n) take = n;
        put(&c->in, p, take);
        p += take;
        n -= take;
        if (c->in.n < whole) return 0;
        on_message(k, c, c->in.p + 5, whole - 5);
        c->in.n = 0;
    }
    while (n && !c->finished) {
        if (n >= 5) {
            uint32_t len = message_len(p);
            if (!may_come(k, c, p)) return 0;
            if (n - 5 >= len) {
                on_message(k, c, p + 5, len);
                p += 5 + (size_t)len;
                n -= 5 + (size_t)len;
                continue;
            }
            need(&c->in, 5 + (size_t)len);
        }
        put(&c->in, p, n);
        break;
    }
    return 0;
}
static int on_frame(nghttp2_session *s, const nghttp2_frame *f, void *user) {
    struct conn *k = user;
    if (f->hd.type != NGHTTP2_HEADERS && f->hd.type != NGHTTP2_DATA) return 0;
    struct call *c = nghttp2_session_get_stream_user_data(s, f->hd.stream_id);
    if (!c) return 0;
    if (f->hd.type == NGHTTP2_HEADERS && c->method == UNKNOWN) fail(k, c, UNIMPLEMENTED, "no such method", none);
    if (f->hd.flags & NGHTTP2_FLAG_END_STREAM) on_end(k, c);
    return 0;
}
static int on_close(nghttp2_session *s, int32_t id, uint32_t code, void *user) {
    (void)code; (void)user;
    struct call *c = nghttp2_session_get_stream_user_data(s, id);
    if (c) free_call(c);
    return 0;
}

/* -------------------------------------------------------------- event loop */

static bool flush(int ep, struct conn *k) {
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
        else if (k->off > 128 * 1024) {
            memmove(k->out.p, k->out.p + k->off, k->out.n - k->off);
            k->out.n -= k->off;
            k->off = 0;
        }
    }
    bool want = k->off < k->out.n;
    if (want != k->want_write) {
        struct epoll_event ev = {.events = EPOLLIN | (want ? EPOLLOUT : 0), .data.ptr = k};
        epoll_ctl(ep, EPOLL_CTL_MOD, k->fd, &ev);
        k->want_write = want;
    }
    return want || nghttp2_session_want_read(k->s) || nghttp2_session_want_write(k->s);
}

static nghttp2_session_callbacks *cbs;
static nghttp2_option *option;

static void shut(struct conn *k) {
    close(k->fd);
    while (k->calls) free_call(k->calls);
    nghttp2_session_del(k->s);
    drop(&k->out);
    free(k);
}

static void *loop(void *arg) {
    int lfd = *(int *)arg, ep = epoll_create1(0);
    struct epoll_event evs[256], lev = {.events = EPOLLIN, .data.ptr = NULL};
    uint8_t *in = must(malloc(256 * 1024));
    epoll_ctl(ep, EPOLL_CTL_ADD, lfd, &lev);
    for (;;) {
        int n = epoll_wait(ep, evs, 256, -1);
        for (int i = 0; i < n; i++) {
            struct conn *k = evs[i].data.ptr;
            if (!k) {
                int fd = accept4(lfd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), one = 1;
                if (fd < 0) continue;
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                k = must(calloc(1, sizeof *k));
                k->fd = fd;
                nghttp2_session_server_new2(&k->s, cbs, k, option);
                nghttp2_settings_entry set[] = {
                    {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, (uint32_t)opt_window},
                    {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, 65536}};
                nghttp2_submit_settings(k->s, NGHTTP2_FLAG_NONE, set, 2);
                int64_t whole = (int64_t)opt_window * 16;
                nghttp2_session_set_local_window_size(k->s, NGHTTP2_FLAG_NONE, 0,
                                                      whole > INT32_MAX ? INT32_MAX : (int32_t)whole);
                struct epoll_event ev = {.events = EPOLLIN, .data.ptr = k};
                epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
                if (!flush(ep, k)) shut(k);
                continue;
            }
            bool alive = true;
            if (evs[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
                ssize_t r = recv(k->fd, in, 256 * 1024, 0);
                if (r == 0 || (r < 0 && errno != EAGAIN && errno != EINTR)) alive = false;
                else if (r > 0 && nghttp2_session_mem_recv(k->s, in, (size_t)r) != r) alive = false;
            }
            if (!alive || !flush(ep, k)) shut(k);
        }
    }
    return NULL;
}

int main(int argc, char **argv) {
    const char *addr = "127.0.0.1";
    int port = 50051, count = 10000, threads = 1, opt;
    while ((opt = getopt(argc, argv, "a:p:n:t:w:b")) != -1) {
        switch (opt) {
        case 'a': addr = optarg; break;
        case 'p': port = atoi(optarg); break;
        case 'n': count = atoi(optarg); break;
        case 't': threads = atoi(optarg); break;
        case 'w': opt_window = atoi(optarg); break;
        case 'b': opt_fill = true; break;
        default: fprintf(stderr, "usage: orders [-a addr] [-p port] [-n orders] [-t threads] [-w window] [-b]\n"); return 2;
        }
    }
    signal(SIGPIPE, SIG_IGN);
    preload(count);

    nghttp2_session_callbacks_new(&cbs);
    nghttp2_session_callbacks_set_on_begin_headers_callback(cbs, on_begin);
    nghttp2_session_callbacks_set_on_header_callback(cbs, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cbs, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(cbs, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(cbs, on_close);
    nghttp2_option_new(&option);
    nghttp2_option_set_no_closed_streams(option, 1);

    if (threads < 1) threads = 1;
    int *fds = must(calloc((size_t)threads, sizeof *fds));
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, addr, &sa.sin_addr) != 1) { fprintf(stderr, "bad address %s\n", addr); return 2; }
    for (int i = 0; i < threads; i++) {
        int one = 1;
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        setsockopt(fds[i], SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        setsockopt(fds[i], SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
        if (bind(fds[i], (struct sockaddr *)&sa, sizeof sa) || listen(fds[i], 1024)) { perror("listen"); return 1; }
    }
    fprintf(stderr, "orders: %d orders, %s:%d, %d thread(s)\n", count, addr, port, threads);
    for (int i = 1; i < threads; i++) {
        pthread_t t;
        if (pthread_create(&t, NULL, loop, &fds[i])) { perror("thread"); return 1; }
    }
    loop(&fds[0]);
    return 0;
}
