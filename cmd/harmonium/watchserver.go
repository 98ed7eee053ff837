package main

import (
	"crypto/subtle"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"harmonium/rbm/report"
)

const (
	mostClients  = 200              // that follow the page at the same time; chosen: each costs a connection
	writeTimeout = 10 * time.Second // after which a client that takes no event has gone
	aliveEvery   = 15 * time.Second // between two comments of a stream, well within the minute after which many proxies close it
)

// livePolicy is the Content-Security-Policy of a page that may run its own script and connect to its own server.
const livePolicy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"

//go:embed watch.js
var watchScript []byte

// watchServer serves the page of the watched runs. It serves no file: a page, its script, a stream
// of what changes, and the order to end a run.
type watchServer struct {
	token string

	mu      sync.Mutex
	body    template.HTML
	event   []byte            // body as JSON; nil before the first one
	changed chan struct{}     // closed when there is a new body
	runs    map[string]ending // by their names on the page
	clients int
}

// ending asks a run to end.
type ending func() error

func newWatchServer(token string) *watchServer {
	return &watchServer{token: token, changed: make(chan struct{})}
}

// publish gives all clients a new body.
func (s *watchServer) publish(body template.HTML, runs map[string]ending) {
	event, err := json.Marshal(body)
	if err != nil {
		panic(err) // a string is always JSON
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.body, s.event, s.runs = body, event, runs
	close(s.changed)
	s.changed = make(chan struct{})
}

// ServeHTTP answers requests to the server's own address alone, from its own page or from no page, and with the token.
// The printed address with the token sets a cookie, which the other requests have.
func (s *watchServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", livePolicy+"; frame-ancestors 'none'") // browsers ignore the last one in a page
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if !knownHost(r.Host) {
		http.Error(w, "this server answers to its address alone, not to "+clean(r.Host), http.StatusMisdirectedRequest)
		return
	}
	if origin := r.Header.Get("Origin"); origin != "" && !isOwn(origin, r.Host) {
		http.Error(w, "only the page of this server may ask, not "+clean(origin), http.StatusForbidden)
		return
	}
	if token := r.URL.Query().Get("token"); token != "" && r.URL.Path == "/" && s.matches(token) {
		http.SetCookie(w, &http.Cookie{Name: cookieName(r), Value: s.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	if cookie, err := r.Cookie(cookieName(r)); err != nil || !s.matches(cookie.Value) {
		http.Error(w, "open the address that harmonium watch has printed, with its token", http.StatusForbidden)
		return
	}
	switch {
	case r.URL.Path == "/" && r.Method == http.MethodGet:
		s.servePage(w)
	case r.URL.Path == "/watch.js" && r.Method == http.MethodGet:
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		w.Write(watchScript)
	case r.URL.Path == "/events" && r.Method == http.MethodGet:
		s.serveEvents(w, r)
	case r.URL.Path == "/stop" && r.Method == http.MethodPost:
		s.serveStop(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (s *watchServer) matches(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) == 1
}

// isOwn reports whether an origin is the page's own.
func isOwn(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Scheme == "http" && u.Host == host
}

// cookieName returns a name with the port of the server, as browsers share the cookies of a host among its ports.
func cookieName(r *http.Request) string {
	_, port, _ := net.SplitHostPort(r.Host)
	return "harmonium" + port
}

// knownHost reports whether a request was made to an IP address, to localhost, or to this machine's
// name. A page elsewhere that lets its own name point here is refused (DNS rebinding).
func knownHost(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.Trim(name, "[]")
	own, err := os.Hostname()
	return net.ParseIP(name) != nil || name == "localhost" || err == nil && strings.EqualFold(name, own)
}

// clean makes a text of a request safe to repeat.
func clean(text string) string { return fmt.Sprintf("%.60q", text) }

func (s *watchServer) servePage(w http.ResponseWriter) {
	s.mu.Lock()
	body := s.body
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	report.WriteBody(w, report.Frame{
		Title: "harmonium watch", Policy: livePolicy,
		Extra:  `<p class="quiet"><span id="live" role="status">connecting</span> <button type="button" id="pause">Pause</button></p>`,
		Script: `<script src="/watch.js"></script>`,
	}, body)
}

// serveEvents sends the body whenever it changes, as server-sent events. A client that reads slowly gets the last of
// several changes.
func (s *watchServer) serveEvents(w http.ResponseWriter, r *http.Request) {
	if !s.enter(1) {
		http.Error(w, fmt.Sprintf("%d clients already follow the page", mostClients), http.StatusServiceUnavailable)
		return
	}
	defer s.enter(-1)
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	send := func(message []byte) error {
		if err := out.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
			return err
		}
		if _, err := w.Write(message); err != nil {
			return err
		}
		return out.Flush()
	}
	alive := time.NewTicker(aliveEvery)
	defer alive.Stop()
	for {
		event, changed := s.current()
		message := []byte(": alive\n\n")
		if event != nil {
			message = slices.Concat([]byte("data: "), event, []byte("\n\n"))
		}
		if send(message) != nil {
			return
		}
		for waiting := true; waiting; {
			select {
			case <-changed:
				waiting = false
			case <-alive.C:
				if send([]byte(": alive\n\n")) != nil {
					return
				}
			case <-r.Context().Done():
				return
			}
		}
	}
}

// current returns the newest event, and a channel that is closed when there is a newer one.
func (s *watchServer) current() (event []byte, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.event, s.changed
}

// enter adds n, 1 or -1, to the clients that follow the page. It reports false, and adds nothing, if there would be too
// many.
func (s *watchServer) enter(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n > 0 && s.clients >= mostClients {
		return false
	}
	s.clients += n
	return true
}

// serveStop asks a run to end. Only the page itself may do so.
func (s *watchServer) serveStop(w http.ResponseWriter, r *http.Request) {
	if !isOwn(r.Header.Get("Origin"), r.Host) {
		http.Error(w, "only the page of this server may end a run", http.StatusForbidden)
		return
	}
	s.mu.Lock()
	end := s.runs[r.URL.Query().Get("run")]
	s.mu.Unlock()
	if end == nil {
		http.Error(w, "no such run is at work", http.StatusNotFound)
		return
	}
	if err := end(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
