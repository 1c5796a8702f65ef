// A client on the real Go sleuth, for the interop tests. It takes the same commands as ../../node/client.ts.
package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"log"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/ursiform/sleuth"

	"interop/lines"
)

type command struct {
	ID       int         `json:"id"`
	Op       string      `json:"op"`
	Services []string    `json:"services"`
	Method   string      `json:"method"`
	URL      string      `json:"url"`
	Headers  [][2]string `json:"headers"`
	Body     []byte      `json:"body"`
}

func main() {
	config := &sleuth.Config{LogLevel: "error"}
	log.SetOutput(journal{})
	flag.StringVar(&config.Interface, "interface", "lo", "network interface")
	flag.IntVar(&config.Port, "port", 0, "UDP discovery port")
	timeout := flag.Int("timeout", 500, "milliseconds that a call may take")
	flag.Parse()

	client, err := sleuth.New(config)
	if err != nil {
		lines.Write(lines.Message{"event": "failed", "message": err.Error()})
		os.Exit(1)
	}
	client.Timeout = time.Duration(*timeout) * time.Millisecond
	lines.Write(lines.Message{"event": "ready"})
	err = lines.Read(func(c command) {
		if c.Op == "exit" {
			os.Exit(0)
		}
		go obey(client, c)
	})
	if err != nil {
		os.Exit(1)
	}
}

// journal tells the test of each answer that came when Do did not listen for it yet, or no longer.
type journal struct{}

func (journal) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("unknown handle")) {
		lines.Write(lines.Message{"event": "missed"})
	}
	return os.Stderr.Write(line)
}

func obey(client *sleuth.Client, c command) {
	var answer lines.Message
	var err error
	switch c.Op {
	case "waitFor":
		err = waitFor(client, c.Services)
	case "do":
		answer, err = do(client, c)
	case "close":
		err = client.Close()
	default:
		err = errors.New("unknown command " + c.Op)
	}
	if err != nil {
		answer = lines.Message{"message": err.Error()}
		var coded *sleuth.Error
		if errors.As(err, &coded) {
			answer["codes"] = coded.Codes
		}
	}
	if answer == nil {
		answer = lines.Message{}
	}
	answer["id"] = c.ID
	lines.Write(answer)
}

// waitFor asks again each second. WaitFor looks for the services, and then begins to listen for additions (client.go,
// block). A service that is added in between is never told of, and WaitFor goes on until another comes, although Do
// reaches the service. A new call sees that it is there.
func waitFor(client *sleuth.Client, services []string) error {
	stop := make(chan struct{})
	defer close(stop)
	found := make(chan error)
	for {
		go func() {
			select {
			case found <- client.WaitFor(services...):
			case <-stop:
			}
		}()
		select {
		case err := <-found:
			return err
		case <-time.After(time.Second):
		}
	}
}

func do(client *sleuth.Client, c command) (lines.Message, error) {
	numbering.Lock()
	numbered := sync.OnceFunc(numbering.Unlock)
	defer numbered()
	request, err := http.NewRequest(c.Method, c.URL, &body{bytes.NewReader(c.Body), numbered})
	if err != nil {
		return nil, err
	}
	for _, header := range c.Headers {
		request.Header.Add(header[0], header[1])
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	return lines.Message{"status": response.StatusCode, "headers": response.Header, "body": content}, nil
}

// Do counts its handles without a lock. Two calls that come to share one get each other's answer, or wait for ever. So
// calls run together here, but begin one by one: Do has its handle when it reads the body.
var numbering sync.Mutex

type body struct {
	io.Reader
	numbered func()
}

func (b *body) Read(p []byte) (int, error) {
	b.numbered()
	return b.Reader.Read(p)
}
