package hosts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// configurationText is a nats-server's configuration, of which JSON is one form. It can be read by one of
// version 2.9 and by the embedded one.
func configurationText(listen string, served serverFiles, store string, users map[string]permissions) ([]byte, error) {
	var all []any
	for _, nkey := range slices.Sorted(maps.Keys(users)) {
		all = append(all, fields{"nkey": nkey, "permissions": users[nkey].configured()})
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Made by connbench hosts keys: nats-server -c %s\n# Where the folder is moved, or another certificate is used, the three paths change.\n", ConfigurationFile)
	write := json.NewEncoder(&b)
	write.SetEscapeHTML(false)
	write.SetIndent("", "  ")
	err := write.Encode(fields{
		"server_name": "connbench",
		"listen":      listen,
		"tls":         fields{"cert_file": served.certificate, "key_file": served.key, "timeout": 5},
		// A connection that is cut off is noticed within thirty seconds.
		"ping_interval":  "10s",
		"ping_max":       2,
		"write_deadline": "10s",
		"jetstream":      fields{"store_dir": store, "max_memory_store": 1 << 30, "max_file_store": 64 << 20},
		"authorization":  fields{"timeout": 10, "users": all},
	})
	return b.Bytes(), err
}

// fields are those of an object of JSON.
type fields = map[string]any

// configured is what a user of the server may do, as its configuration says it.
func (p permissions) configured() fields {
	may := fields{"publish": fields{"allow": p.publish}, "subscribe": fields{"allow": p.subscribe}}
	if p.responses {
		may["allow_responses"] = fields{"max": 1, "expires": "5m"}
	}
	return may
}
