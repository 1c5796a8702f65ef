// The counterpart of ../../service.js on the Go sleuth.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/ursiform/sleuth"
)

func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Write(body)
}

func main() {
	config := &sleuth.Config{Service: "echo-service", Handler: http.HandlerFunc(echo)}
	flag.StringVar(&config.Interface, "interface", "", "network interface, such as eth0")
	flag.IntVar(&config.Port, "port", 5670, "UDP discovery port")
	flag.Parse()

	client, err := sleuth.New(config)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	fmt.Println("echo-service (Go) is up")
	select {}
}
