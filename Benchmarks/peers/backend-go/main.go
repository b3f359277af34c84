// Command orders is the order service (../proto/order.proto) on grpc-go: the
// same answers as ../backend-c, by an ordinary gRPC server.
//
// Ids that are not orders: error-N answers gRPC code N; detail-N the same with
// a google.rpc.ErrorInfo in the status details; sleep-MS answers after that
// many milliseconds (or when the deadline passes); meta answers an order whose
// items are the request's metadata, and sends a header and a trailer.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/golang/protobuf/ptypes/timestamp"
	"github.com/golang/protobuf/ptypes/wrappers"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pb "peers/order"
)

const orderBatchSize = 3

type server struct {
	mu     sync.RWMutex
	byID   map[string]int
	orders []*pb.Order // in the order they were first added; never changed in place
}

func (s *server) put(o *pb.Order) {
	s.mu.Lock()
	if i, ok := s.byID[o.Id]; ok {
		s.orders[i] = o
	} else {
		s.byID[o.Id] = len(s.orders)
		s.orders = append(s.orders, o)
	}
	s.mu.Unlock()
}

func (s *server) get(ctx context.Context, id string) (*pb.Order, error) {
	s.mu.RLock()
	i, ok := s.byID[id]
	var o *pb.Order
	if ok {
		o = s.orders[i]
	}
	s.mu.RUnlock()
	if ok {
		return o, nil
	}
	if err := special(ctx, id); err != nil {
		return nil, err
	}
	if id == "meta" {
		return meta(ctx), nil
	}
	return nil, status.Errorf(codes.NotFound, "Order does not exist. : %s", id)
}

func special(ctx context.Context, id string) error {
	i := strings.IndexByte(id, '-')
	if i < 0 {
		return nil
	}
	n, err := strconv.Atoi(id[i+1:])
	if err != nil {
		return nil
	}
	switch id[:i] {
	case "sleep":
		select {
		case <-time.After(time.Duration(n) * time.Millisecond):
			return nil
		case <-ctx.Done():
			return status.FromContextError(ctx.Err()).Err()
		}
	case "error":
		return status.Errorf(codes.Code(n), "asked for: %s", id)
	case "detail":
		st, err := status.Newf(codes.Code(n), "asked for: %s", id).WithDetails(
			&errdetails.ErrorInfo{Reason: "ASKED_FOR", Domain: "order.example"})
		if err != nil {
			return err
		}
		return st.Err()
	}
	return nil
}

func meta(ctx context.Context) *pb.Order {
	grpc.SetHeader(ctx, metadata.Pairs("x-order-header", "in front"))
	grpc.SetTrailer(ctx, metadata.Pairs("x-order-trailer", "behind"))
	md, _ := metadata.FromIncomingContext(ctx)
	o := &pb.Order{Id: "meta"}
	for k, vs := range md {
		for _, v := range vs {
			o.Items = append(o.Items, k+": "+v)
		}
	}
	sort.Strings(o.Items)
	if t, ok := ctx.Deadline(); ok {
		o.Description = "deadline in " + time.Until(t).Round(10*time.Millisecond).String()
	}
	return o
}

func (s *server) AddOrder(ctx context.Context, o *pb.Order) (*wrappers.StringValue, error) {
	s.put(o)
	return &wrappers.StringValue{Value: "Order Added: " + o.Id}, nil
}

func (s *server) GetOrder(ctx context.Context, id *wrappers.StringValue) (*pb.Order, error) {
	return s.get(ctx, id.Value)
}

func (s *server) SearchOrders(q *wrappers.StringValue, stream pb.OrderManagement_SearchOrdersServer) error {
	if err := special(stream.Context(), q.Value); err != nil {
		return err
	}
	s.mu.RLock()
	all := append([]*pb.Order(nil), s.orders...)
	s.mu.RUnlock()
	for _, o := range all {
		for _, item := range o.Items {
			if strings.Contains(item, q.Value) {
				if err := stream.Send(o); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

func (s *server) UpdateOrders(stream pb.OrderManagement_UpdateOrdersServer) error {
	var ids strings.Builder
	ids.WriteString("Orders processed Updated Order IDs : ")
	for {
		o, err := stream.Recv()
		if err == io.EOF {
			return stream.SendAndClose(&wrappers.StringValue{Value: ids.String()})
		}
		if err != nil {
			return err
		}
		s.put(o)
		ids.WriteString(o.Id)
		ids.WriteString(", ")
	}
}

func (s *server) ProcessOrders(stream pb.OrderManagement_ProcessOrdersServer) error {
	var shipments []*pb.CombinedShipment // one for each destination, as first met
	ship := func() error {
		for _, c := range shipments {
			if err := stream.Send(c); err != nil {
				return err
			}
		}
		shipments = nil
		return nil
	}
	// The marker starts at 1 and goes back to 0, so the first
	// batch is of 3 orders and each later one of 4.
	for marker := 1; ; {
		id, err := stream.Recv()
		if err == io.EOF {
			return ship()
		}
		if err != nil {
			return err
		}
		o, err := s.get(stream.Context(), id.Value)
		if err != nil {
			return err
		}
		destination := o.Destination
		if len(o.Addresses) > 0 {
			destination = o.Addresses[0].Address
		}
		var to *pb.CombinedShipment
		for _, c := range shipments {
			if c.Id == "cmb - "+destination {
				to = c
			}
		}
		if to == nil {
			to = &pb.CombinedShipment{Id: "cmb - " + destination, Status: "Processed!"}
			shipments = append(shipments, to)
		}
		to.OrderList = append(to.OrderList, o)
		if marker == orderBatchSize {
			if err := ship(); err != nil {
				return err
			}
			marker = 0
		} else {
			marker++
		}
	}
}

var people = []string{"Mike, Shanghai", "Sam, Beijing", "Tom, Shenzhen", "Ann, Oslo",
	"Luc, Montréal", "Eve, Lima", "Bob, Pune", "Zoe, Turin"}

// preload adds the orders that ../backend-c loads.
func (s *server) preload(count int) {
	for i := 1; i <= count; i++ {
		s.put(&pb.Order{
			Id:          strconv.Itoa(100 + i),
			Items:       []string{"iPhone XS", "Mac Book Pro", fmt.Sprintf("Item %d", i)},
			Description: fmt.Sprintf("Order number %d, \"gift wrapped\", leave it at the door", i),
			Price:       2300 + float32(i%1000)*0.25,
			Destination: "San Jose, CA",
			Addresses: []*pb.Order_Address{
				{Address: people[i%8], Type: pb.Order_HOME},
				{Address: people[(i+1)%8], Type: pb.Order_WORK},
			},
			LastUpdated: &timestamp.Timestamp{Seconds: 1700000000 + int64(i), Nanos: int32(i%1000) * 1000000},
		})
	}
}

func main() {
	addr := flag.String("a", "127.0.0.1", "address")
	port := flag.Int("p", 50051, "port")
	count := flag.Int("n", 10000, "orders loaded at start")
	flag.Parse()

	s := &server{byID: make(map[string]int)}
	s.preload(*count)
	l, err := net.Listen("tcp", fmt.Sprintf("%s:%d", *addr, *port))
	if err != nil {
		log.Fatal(err)
	}
	g := grpc.NewServer(grpc.MaxRecvMsgSize(64 << 20))
	pb.RegisterOrderManagementServer(g, s)
	log.Printf("orders: %d orders, %s:%d", *count, *addr, *port)
	log.Fatal(g.Serve(l))
}
