// Calls from grpc-go, and answers of it, as bytes: no generated code, so that Debian's packages are all it takes.
//
//	calls client ADDRESS COUNT   calls getOrder, on one connection, and prints how it went
//	calls server                 listens on 127.0.0.1, prints the port, answers every call; a line on its input is
//	                             answered by "OPENED CLOSED CALLS CANCELLED"
//
// The server sends its answer after the milliseconds that a call's metadata `delay` asks for; with `hold`, it sends a
// message first, and the second when it is released by a call with `release`.
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"log"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
)

// Bytes that are not looked at.
type raw struct{}

func (raw) Marshal(v interface{}) ([]byte, error) { return *v.(*[]byte), nil }
func (raw) Unmarshal(data []byte, v interface{}) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}
func (raw) Name() string   { return "proto" }
func (raw) String() string { return "proto" }

// Connections that came and went.
type connections struct{ opened, closed int64 }

func (c *connections) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (c *connections) HandleRPC(context.Context, stats.RPCStats)                         {}
func (c *connections) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (c *connections) HandleConn(_ context.Context, s stats.ConnStats) {
	switch s.(type) {
	case *stats.ConnBegin:
		atomic.AddInt64(&c.opened, 1)
	case *stats.ConnEnd:
		atomic.AddInt64(&c.closed, 1)
	}
}

// StringValue{text}; as an Order it is the one with this id.
func message(text string) []byte {
	bytes := make([]byte, 1+binary.MaxVarintLen64)
	bytes[0] = 0x0A
	count := binary.PutUvarint(bytes[1:], uint64(len(text)))
	return append(bytes[:1+count], text...)
}

func client(address string, count int) {
	var seen connections
	connection, err := grpc.Dial(address, grpc.WithInsecure(), grpc.WithBlock(), grpc.WithStatsHandler(&seen),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{})))
	if err != nil {
		log.Fatal(err)
	}
	var next, failed int64
	var group sync.WaitGroup
	begun := time.Now()
	for worker := 0; worker < 8; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for atomic.AddInt64(&next, 1) <= int64(count) {
				in, out := message("nobody"), []byte{}
				err := connection.Invoke(context.Background(), "/order.OrderManagement/getOrder", &in, &out)
				// There is no such order, which is an answer like any other.
				if status.Code(err) != codes.NotFound {
					atomic.AddInt64(&failed, 1)
				}
			}
		}()
	}
	group.Wait()
	took := time.Since(begun)
	fmt.Printf("%d calls, %d failed, %d connections, %d lost, %.1f s\n", count, failed,
		atomic.LoadInt64(&seen.opened), atomic.LoadInt64(&seen.closed), took.Seconds())
	if failed != 0 || seen.opened != 1 || seen.closed != 0 {
		os.Exit(1)
	}
}

type server struct {
	connections
	calls, cancelled int64
	released         chan struct{}
	release          sync.Once
}

func (s *server) handle(_ interface{}, stream grpc.ServerStream) error {
	atomic.AddInt64(&s.calls, 1)
	asked, _ := metadata.FromIncomingContext(stream.Context())
	in, out := []byte{}, message("a")
	if err := stream.RecvMsg(&in); err != nil {
		return err
	}
	if len(asked["release"]) > 0 {
		s.release.Do(func() { close(s.released) })
	}
	if len(asked["hold"]) > 0 {
		if err := stream.SendMsg(&out); err != nil {
			return err
		}
		<-s.released
	}
	if delay := asked["delay"]; len(delay) > 0 {
		milliseconds, _ := strconv.Atoi(delay[0])
		time.Sleep(time.Duration(milliseconds) * time.Millisecond)
	}
	if stream.Context().Err() != nil {
		atomic.AddInt64(&s.cancelled, 1)
	}
	return stream.SendMsg(&out)
}

func serve() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	s := &server{released: make(chan struct{})}
	go grpc.NewServer(grpc.CustomCodec(raw{}), grpc.UnknownServiceHandler(s.handle), grpc.StatsHandler(s)).Serve(listener)
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		fmt.Println(atomic.LoadInt64(&s.opened), atomic.LoadInt64(&s.closed), atomic.LoadInt64(&s.calls),
			atomic.LoadInt64(&s.cancelled))
	}
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "server" {
		serve()
	} else if len(os.Args) == 4 && os.Args[1] == "client" {
		count, err := strconv.Atoi(os.Args[3])
		if err != nil {
			log.Fatal(err)
		}
		client(os.Args[2], count)
	} else {
		fmt.Fprintln(os.Stderr, "usage: calls client ADDRESS COUNT | calls server")
		os.Exit(64)
	}
}
