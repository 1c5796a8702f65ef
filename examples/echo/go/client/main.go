// The counterpart of ../../client.js on the Go sleuth.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"

	"github.com/ursiform/sleuth"
)

const input = "This is the value I am inputting."

func main() {
	config := &sleuth.Config{}
	flag.StringVar(&config.Interface, "interface", "", "network interface, such as eth0")
	flag.IntVar(&config.Port, "port", 5670, "UDP discovery port")
	flag.Parse()

	client, err := sleuth.New(config)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if err := client.WaitFor("echo-service"); err != nil {
		log.Fatal(err)
	}
	output, err := ask(client)
	if err != nil {
		log.Fatal(err)
	}
	if output == input {
		fmt.Println("It works.")
	} else {
		fmt.Println("It doesn't work.")
	}
}

// ask tries again after a timeout: the Go client begins to listen after it has sent, and can miss a very fast reply.
func ask(client *sleuth.Client) (output string, err error) {
	for try := 0; try < 5; try++ {
		if output, err = post(client); !timedOut(err) {
			break
		}
	}
	return output, err
}

func post(client *sleuth.Client) (string, error) {
	request, err := http.NewRequest("POST", "sleuth://echo-service/", strings.NewReader(input))
	if err != nil {
		return "", err
	}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	output, err := io.ReadAll(response.Body)
	return string(output), err
}

// timedOut knows a timeout by its code, 920.
func timedOut(err error) bool {
	var coded *sleuth.Error
	if !errors.As(err, &coded) {
		return false
	}
	for _, code := range coded.Codes {
		if code == 920 {
			return true
		}
	}
	return false
}
