// Reads a log with the code that checks Go's own module database: the checkpoint, the tiles,
// records, and proofs both as the log gives them and as computed from its tiles.
//
// Usage: log ADDRESS VKEY SIZE
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

var address string

func check(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func demand(good bool, what string) {
	if !good {
		check(fmt.Errorf("it should not be so"), what)
	}
}

func get(path string) []byte {
	answer, err := http.Get(address + path)
	check(err, path)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	check(err, path)
	demand(answer.StatusCode == 200, path+" "+answer.Status)
	return body
}

// C2SP's tile paths are those of Go without the height.
type tiles struct{ read int }

func (t *tiles) Height() int                     { return height }
func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, each := range wanted {
		t.read++
		found = append(found, get("/log/"+strings.Replace(each.Path(), "tile/8/", "tile/", 1)))
	}
	return found, nil
}

// A proof of the log's own, with the roots and the leaf that it is about.
type proof struct {
	Leaf    string
	OldRoot string `json:"old_root"`
	Root    string
	Proof   []string
}

func ask(path string) (found proof) {
	check(json.Unmarshal(get(path), &found), path)
	return
}

func hash(text string) (found tlog.Hash) {
	data, err := base64.StdEncoding.DecodeString(text)
	check(err, text)
	demand(copy(found[:], data) == tlog.HashSize, text)
	return
}

func hashes(texts []string) (found []tlog.Hash) {
	for _, text := range texts {
		found = append(found, hash(text))
	}
	return
}

// Takes one entry out of its bundle.
func record(index int64, size int64) []byte {
	tile := tlog.Tile{H: height, L: 0, N: index >> height, W: 1 << height}
	if tile.N == size>>height {
		tile.W = int(size & (1<<height - 1))
	}
	path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	data := get("/log/" + path)
	for skip := index & (1<<height - 1); ; skip-- {
		end := 2 + int(data[0])<<8 + int(data[1])
		if skip == 0 {
			return data[2:end]
		}
		data = data[end:]
	}
}

func checkpoint(vkey string) tlog.Tree {
	verifier, err := note.NewVerifier(vkey)
	check(err, "the verifier key")
	data := get("/log/checkpoint")
	opened, err := note.Open(data, note.VerifierList(verifier))
	check(err, "the checkpoint")
	lines := strings.Split(opened.Text, "\n")
	demand(lines[0] == verifier.Name(), "the origin is the key's name")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, "the size")
	_, err = note.Open(bytes.Replace(data, []byte(lines[1]), []byte("70001"), 1), note.VerifierList(verifier))
	demand(err != nil, "a checkpoint that was changed is refused")
	return tlog.Tree{N: size, Hash: hash(lines[2])}
}

func inclusion(tree tlog.Tree, index int64, reader tlog.HashReader) {
	what := fmt.Sprintf("the inclusion of %d", index)
	given := ask(fmt.Sprintf("/log/proof/inclusion?index=%d&size=%d", index, tree.N))
	leaf := tlog.RecordHash(record(index, tree.N))
	demand(leaf == hash(given.Leaf), what+": the leaf")
	path := hashes(given.Proof)
	check(tlog.CheckRecord(path, tree.N, tree.Hash, index, leaf), what)
	computed, err := tlog.ProveRecord(tree.N, index, reader)
	check(err, what+", from tiles")
	demand(fmt.Sprint(computed) == fmt.Sprint(tlog.RecordProof(path)), what+": the same from tiles")
	path[0][0] ^= 1
	demand(tlog.CheckRecord(path, tree.N, tree.Hash, index, leaf) != nil, what+": a false proof")
}

func consistency(tree tlog.Tree, old int64, reader tlog.HashReader) {
	what := fmt.Sprintf("the consistency with %d", old)
	given := ask(fmt.Sprintf("/log/proof/consistency?old=%d&size=%d", old, tree.N))
	root, err := tlog.TreeHash(old, reader)
	check(err, what)
	demand(root == hash(given.OldRoot), what+": the old root")
	path := hashes(given.Proof)
	check(tlog.CheckTree(path, tree.N, tree.Hash, old, root), what)
	root[0] ^= 1
	demand(tlog.CheckTree(path, tree.N, tree.Hash, old, root) != nil, what+": a false root")
}

func main() {
	address = os.Args[1]
	size, err := strconv.ParseInt(os.Args[3], 10, 64)
	check(err, "SIZE")
	tree := checkpoint(os.Args[2])
	demand(tree.N == size, "the log has the size it should have")
	read := &tiles{}
	reader := tlog.TileHashReader(tree, read)
	indices := []int64{0, 1, 255, 256, 65535, 65536, 69887, 69888, size - 1}
	for _, index := range indices {
		inclusion(tree, index, reader)
	}
	olds := []int64{1, 2, 255, 256, 257, 65535, 65536, 65537, size - 1}
	for _, old := range olds {
		consistency(tree, old, reader)
	}
	fmt.Printf("go sumdb: checkpoint, %d inclusion proofs, %d consistency proofs, %d tiles\n",
		len(indices), len(olds), read.read)
}
