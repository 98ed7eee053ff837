package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// watchFlags are the flags of the watch command.
type watchFlags struct {
	listen string
	port   int
	json   bool
}

// watchSummary is the output of --json.
type watchSummary struct {
	URL     string   `json:"url"` // with the token
	Folders []string `json:"folders"`
}

func newWatchCommand() *cobra.Command {
	f := &watchFlags{}
	cmd := &cobra.Command{
		Use:   "watch FOLDER...",
		Short: "Show runs live on a page in the browser",
		Long: `Show runs on a page that follows them while they write: the page of the command report,
without the parts that need samples or rows of the data. A FOLDER is a run folder, or a
folder of run folders, in which new runs appear by themselves. Another machine may write it.

The page is served on this machine alone, at the printed address. The address holds a
token, without which nothing is served. A button ends a run with a checkpoint, as Ctrl-C
does, by a file harmonium.stop in the run folder.

--listen serves the page on another address, such as one in a network. The connection is
not encrypted: anyone who can read it can read the token.`,
		Example: `  harmonium watch runs
  harmonium watch runs/mnist --port 8080`,
		Args: oneOrMore("FOLDER"),
		RunE: func(cmd *cobra.Command, folders []string) error { return f.run(cmd, folders) },
	}
	addGroup(cmd, groupOutput, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.listen, "listen", "127.0.0.1", "`ADDRESS` IP address of this machine to serve the page on (default: 127.0.0.1, which other machines cannot reach)")
		flags.IntVar(&f.port, "port", 0, "port to serve the page on (default: a free one)")
		flags.BoolVar(&f.json, "json", false, "print one JSON object, with the address of the page")
	})
	return cmd
}

func (f *watchFlags) run(cmd *cobra.Command, folders []string) error {
	if net.ParseIP(f.listen) == nil {
		return usagef("--listen %s, want an IP address, such as 127.0.0.1 or 0.0.0.0", shellWord(f.listen))
	}
	if f.port < 0 || f.port > 65535 {
		return usagef("--port %d, want 1 to 65535, or 0 for a free one", f.port)
	}
	for _, folder := range folders {
		if info, err := os.Stat(folder); err != nil {
			return fmt.Errorf("watch: %w", err)
		} else if !info.IsDir() {
			return fmt.Errorf("watch: %s is no folder", folder)
		}
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(f.listen, strconv.Itoa(f.port)))
	if err != nil {
		return fmt.Errorf("watch: %w", err)
	}
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	s := newWatchServer(rand.Text())
	// The limits are chosen: a request of the page is a few hundred bytes and comes at once. Streams have no limit of the
	// whole answer, and serveEvents one for each event.
	server := &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, MaxHeaderBytes: 1 << 14}
	watched := newWatched(folders)
	defer watched.close()
	go func() {
		watched.follow(ctx, s.publish)
		server.Close()
	}()
	if err := f.announce(cmd.OutOrStdout(), fmt.Sprintf("http://%s/?token=%s", listener.Addr(), s.token), folders); err != nil {
		return err
	}
	if !net.ParseIP(f.listen).IsLoopback() {
		fmt.Fprintln(cmd.ErrOrStderr(), "warning: other machines can reach this address, and the connection is not encrypted")
	}
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("watch: %w", err)
	}
	return nil
}

// announce prints the address of the page.
func (f *watchFlags) announce(w io.Writer, url string, folders []string) error {
	if f.json {
		return writeObject(w, watchSummary{url, folders})
	}
	_, err := fmt.Fprintf(w, "watching %s: %s\n", plural(len(folders), "folder"), url)
	return err
}
