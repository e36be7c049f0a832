package source

import (
	"errors"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"path"
	"strings"
)

// codebase is the declarations of packages as they are built on Linux, without tests.
type codebase struct {
	source   fs.FS
	files    *token.FileSet
	packages map[string]*types.Package // by import path
	declared map[types.Object]*declaration
	all      []*declaration
}

// readCodebase reads the packages of source. What they import from elsewhere is not
// looked at.
func readCodebase(source fs.FS) (*codebase, error) {
	c := &codebase{source, token.NewFileSet(), map[string]*types.Package{}, map[types.Object]*declaration{}, nil}
	folders, err := fs.Glob(source, "*")
	for _, folder := range append(folders, ".") {
		info, statErr := fs.Stat(source, folder)
		if err = errors.Join(err, statErr); err == nil && info.IsDir() && !strings.HasSuffix(folder, "test") {
			_, err = c.Import(path.Join(root, folder))
		}
	}
	return c, err
}

// named is the declaration of the top folder that gives a name.
func (c *codebase) named(name string) *declaration {
	return c.declared[c.packages[root].Scope().Lookup(name)]
}

// errElsewhere is an import that is not of the codebase.
var errElsewhere = errors.New("not of this codebase")

// Import is for [types.Config]: it reads a package, once.
func (c *codebase) Import(importPath string) (*types.Package, error) {
	folder, ours := strings.CutPrefix(importPath+"/", root+"/")
	if !ours {
		return nil, errElsewhere
	}
	if p, done := c.packages[importPath]; done {
		return p, nil
	}
	syntax, err := c.parse(path.Clean(folder))
	if err != nil {
		return nil, err
	}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	// Errors there are, about all that comes from imports; names are resolved.
	lenient := types.Config{Importer: c, Error: func(error) {}}
	p, _ := lenient.Check(importPath, c.files, syntax, info)
	c.packages[importPath] = p
	c.declare(p, syntax, info)
	return p, nil
}

// parse parses the files of a folder, without their comments.
func (c *codebase) parse(folder string) (syntax []*ast.File, err error) {
	linux := build.Default
	linux.GOOS, linux.GOARCH, linux.CgoEnabled = "linux", "amd64", false
	linux.JoinPath = path.Join
	linux.OpenFile = func(name string) (io.ReadCloser, error) { return c.source.Open(name) }
	names, err := fs.Glob(c.source, path.Join(folder, "*.go"))
	for _, name := range names {
		built, matchErr := linux.MatchFile(path.Split(name))
		if err = errors.Join(err, matchErr); err != nil || !built || strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, readErr := fs.ReadFile(c.source, name)
		f, parseErr := parser.ParseFile(c.files, name, text, parser.SkipObjectResolution)
		syntax, err = append(syntax, f), errors.Join(readErr, parseErr)
	}
	return syntax, err
}

// declare notes the declarations of a package, and then what each mentions: a type
// also its methods.
func (c *codebase) declare(p *types.Package, syntax []*ast.File, info *types.Info) {
	nodes := map[ast.Decl]*declaration{}
	for _, f := range syntax {
		for _, node := range f.Decls {
			if gen, ok := node.(*ast.GenDecl); ok && gen.Tok == token.IMPORT {
				continue
			}
			d := &declaration{file: c.files.Position(f.Pos()).Filename, model: described(node, info), Amount: measure(node, c.files)}
			for _, ident := range declaredNames(node) {
				if object := info.Defs[ident]; object != nil {
					c.declared[object] = d
					d.exported = d.exported || object.Exported()
				}
			}
			nodes[node] = d
			c.all = append(c.all, d)
		}
	}
	for node, d := range nodes {
		if f, ok := node.(*ast.FuncDecl); ok && f.Recv != nil {
			if owner := c.declared[p.Scope().Lookup(receiver(f))]; owner != nil {
				owner.mentions = append(owner.mentions, d)
			}
		}
		for n := range ast.Preorder(node) {
			ident, _ := n.(*ast.Ident)
			if used := c.declared[info.Uses[ident]]; used != nil && used != d {
				d.mentions = append(d.mentions, used)
			}
		}
	}
}
