// Package lines is how a test talks with a program: one JSON value a line, commands on stdin, news on stdout.
package lines

import (
	"bufio"
	"encoding/json"
	"os"
	"sync"
)

var (
	mutex  sync.Mutex
	output = json.NewEncoder(os.Stdout)
)

// Message is one line written to the test.
type Message map[string]any

// Write sends one line. It may be called from any goroutine.
func Write(message Message) {
	mutex.Lock()
	defer mutex.Unlock()
	if err := output.Encode(message); err != nil {
		os.Exit(1) // the test is gone
	}
}

// Read hands every command to handle, in order, and returns when the test closes stdin: nothing outlives its test.
func Read[Command any](handle func(Command)) error {
	input := bufio.NewReader(os.Stdin)
	for {
		line, err := input.ReadBytes('\n')
		if err != nil {
			return nil
		}
		var command Command
		if err := json.Unmarshal(line, &command); err != nil {
			return err
		}
		handle(command)
	}
}
