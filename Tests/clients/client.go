// Bidi full duplex and failing streams with Go's net/http: go run client.go PORT
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func check(ok bool, format string, arguments ...any) {
	if !ok {
		fmt.Fprintf(os.Stderr, format+"\n", arguments...)
		os.Exit(1)
	}
}

func duplex(base string) {
	reader, writer := io.Pipe()
	request, err := http.NewRequest("POST", base+"/v1/orders:process", reader)
	check(err == nil, "%v", err)
	request.Header.Set("Content-Type", "application/x-ndjson")
	go io.WriteString(writer, "\"a\"\n")
	answer, err := http.DefaultClient.Do(request)
	check(err == nil, "%v", err)
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	for _, step := range [][2]string{{"a", "b"}, {"b", "c"}, {"c", ""}} {
		check(lines.Scan(), "no answer to %s: %v", step[0], lines.Err())
		check(strings.HasPrefix(lines.Text(), `{"id":"`+step[0]+`"`), "%s", lines.Text())
		if step[1] == "" {
			writer.Close()
		} else {
			fmt.Fprintf(writer, "%q\n", step[1])
		}
	}
	check(!lines.Scan() && lines.Err() == nil, "no clean end: %v", lines.Err())
}

func search(base, value, header, content string) (*http.Response, error) {
	request, err := http.NewRequest("GET", base+"/v1/orders:search?value="+value, nil)
	check(err == nil, "%v", err)
	request.Header.Set(header, content)
	answer, err := http.DefaultClient.Do(request)
	check(err == nil, "%v", err)
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer, err
}

func main() {
	base := "http://127.0.0.1:" + os.Args[1]
	duplex(base)
	for _, form := range []string{"application/x-ndjson", "application/json", "application/json-seq"} {
		_, err := search(base, "broken", "Accept", form)
		check(errors.Is(err, io.ErrUnexpectedEOF), "%s: %v", form, err)
		_, err = search(base, "whole", "Accept", form)
		check(err == nil, "%s: %v", form, err)
	}
	answer, err := search(base, "broken", "TE", "trailers")
	check(err == nil, "%v", err)
	check(answer.Trailer.Get("grpc-status") == "10", "trailers %v", answer.Trailer)
	check(answer.Trailer.Get("grpc-message") == "as was asked for", "trailers %v", answer.Trailer)
	answer, err = search(base, "whole", "TE", "trailers")
	check(err == nil && answer.Trailer.Get("grpc-status") == "0", "%v, trailers %v", err, answer.Trailer)
}
