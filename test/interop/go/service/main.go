// A service on the real Go sleuth, for the interop tests. Its routes are those of ../../node/routes.ts.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/ursiform/sleuth"

	"interop/lines"
)

type command struct {
	Op string `json:"op"`
	ID int    `json:"id"`
}

func main() {
	config := &sleuth.Config{LogLevel: "silent", Version: "1.2.3"}
	flag.StringVar(&config.Interface, "interface", "lo", "network interface")
	flag.IntVar(&config.Port, "port", 0, "UDP discovery port")
	flag.StringVar(&config.Service, "service", "", "name of the service")
	instance := flag.String("instance", "go", "told in the header x-instance")
	flag.Parse()
	config.Handler = seen(*instance, routes())

	client, err := sleuth.New(config)
	if err != nil {
		lines.Write(lines.Message{"event": "failed", "message": err.Error()})
		os.Exit(1)
	}
	lines.Write(lines.Message{"event": "ready"})
	err = lines.Read(func(c command) {
		switch c.Op {
		case "close":
			answer := lines.Message{"id": c.ID}
			if err := client.Close(); err != nil {
				answer["message"] = err.Error()
			}
			lines.Write(answer)
		case "exit":
			os.Exit(0)
		}
	})
	if err != nil {
		os.Exit(1)
	}
}

// seen reports each request to the test and names the instance in the reply.
func seen(instance string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lines.Write(lines.Message{"event": "request", "method": r.Method, "url": r.URL.String()})
		w.Header().Set("X-Instance", instance)
		next.ServeHTTP(w, r)
	})
}

// Every handler but silent ends in exactly one Write: sleuth answers once for each Write, and never without one.
func routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/echo", echo)
	mux.HandleFunc("/bytes", copyBody)
	mux.HandleFunc("/large", large)
	mux.HandleFunc("/status/", status)
	mux.HandleFunc("/headers", headers)
	mux.HandleFunc("/head", head)
	mux.HandleFunc("/empty", func(w http.ResponseWriter, r *http.Request) { w.Write(nil) })
	mux.HandleFunc("/silent", func(w http.ResponseWriter, r *http.Request) {})
	mux.HandleFunc("/slow", slow)
	return mux
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	lower := map[string][]string{}
	for name, values := range r.Header {
		lower[strings.ToLower(name)] = values
	}
	reply, _ := json.Marshal(map[string]any{
		"method": r.Method, "url": r.URL.String(), "headers": lower, "body": body,
	})
	w.Header().Set("Content-Type", "application/json")
	w.Write(reply)
}

func copyBody(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Write(body)
}

func large(w http.ResponseWriter, r *http.Request) {
	size, _ := strconv.Atoi(r.URL.Query().Get("bytes"))
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Write(bytes.Repeat([]byte("0123456789abcdef"), size/16))
}

func status(w http.ResponseWriter, r *http.Request) {
	code, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/status/"))
	w.Header().Set("Location", "/elsewhere")
	w.WriteHeader(code)
	if code == http.StatusNoContent || code == http.StatusNotModified {
		w.Write(nil)
		return
	}
	fmt.Fprintf(w, "status %d", code)
}

func headers(w http.ResponseWriter, r *http.Request) {
	w.Header()["Set-Cookie"] = []string{"a=1; Path=/", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT"}
	w.Header()["X-Multi"] = []string{"one", "two"}
	w.Write([]byte("headers"))
}

func head(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Length", "1234")
	w.Write(nil)
}

func slow(w http.ResponseWriter, r *http.Request) {
	delay, _ := strconv.Atoi(r.URL.Query().Get("ms"))
	time.Sleep(time.Duration(delay) * time.Millisecond)
	w.Write([]byte("slow"))
}
