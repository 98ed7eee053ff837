//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// namespaces are two network namespaces with a link between them.
type namespaces struct {
	names [2]string
	agent string // script that starts a command in the second namespace, in place of ssh
}

// addresses are the addresses of the two ends of the link, in a network that is for tests (RFC 5737).
var addresses = [2]string{"192.0.2.1", "192.0.2.2"}

const (
	network = "192.0.2.0/24"

	// packet is the largest number of bytes that the kernel hands to a device at once. bucket, two packets, is the
	// size of the token bucket: a short message after a pause passes above the rate, up to this size.
	packet, bucket = "16384", "32kb"
)

// connect makes two namespaces with a link of the given rate. The caller removes them, after an error too.
func connect(folder, rate string) (*namespaces, error) {
	n := &namespaces{agent: filepath.Join(folder, "agent")}
	for i, end := range []string{"a", "b"} {
		n.names[i] = fmt.Sprintf("harmonium%d%s", os.Getpid(), end)
	}
	a, b := n.names[0], n.names[1]
	steps := []string{
		"ip netns add " + a, "ip netns add " + b,
		"ip link add link0 netns " + a + " type veth peer name link0 netns " + b,
	}
	for i, name := range n.names {
		steps = append(steps,
			fmt.Sprintf("ip -n %s addr add %s/24 dev link0", name, addresses[i]),
			fmt.Sprintf("ip -n %s link set lo up", name),
			fmt.Sprintf("ip -n %s link set link0 up gso_max_size %s", name, packet),
			fmt.Sprintf("tc -n %s qdisc add dev link0 root tbf rate %s burst %s latency 100ms", name, rate, bucket))
	}
	for _, step := range steps {
		words := strings.Fields(step)
		if _, err := output(words[0], words[1:]); err != nil {
			return n, err
		}
	}
	script := "#!/bin/sh\nshift\nexec " + strings.Join(inside(b), " ") + " \"$*\"\n"
	return n, os.WriteFile(n.agent, []byte(script), 0o777)
}

// inside returns the words of the agent script that run a line of the shell, the argument after them, in a namespace
// and under a host name of its own, by which Open MPI tells machines apart.
func inside(name string) []string {
	return []string{"ip", "netns", "exec", name, "unshare", "--uts", "sh", "-c", "'hostname " + name + "; eval \"$1\"'", "sh"}
}

// mpirun returns the arguments of ip that run two processes, up to the command. Open MPI would bind both to the first
// core, as it takes them for processes on two machines.
func (n *namespaces) mpirun() []string {
	words := []string{"netns", "exec", n.names[0], "unshare", "--uts", "sh", "-c", "hostname " + n.names[0] + "; exec \"$@\"", "sh",
		"mpirun", "--allow-run-as-root", "--bind-to", "none", "-n", "2", "--host", addresses[0] + ":1," + addresses[1] + ":1"}
	for _, setting := range []string{"plm_rsh_agent " + n.agent, "pml ob1", "btl tcp,self", "btl_tcp_if_include " + network,
		"oob_tcp_if_include " + network} {
		words = append(words, "--mca")
		words = append(words, strings.SplitN(setting, " ", 2)...)
	}
	return words
}

// remove removes the namespaces, and the link with them.
func (n *namespaces) remove() {
	for _, name := range n.names {
		output("ip", []string{"netns", "del", name})
	}
}
