package main

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
	root     string // the import path of the source's top folder
	files    *token.FileSet
	packages map[string]*types.Package // by import path
	declared map[types.Object]*declaration
	all      []*declaration
}

// readCodebase reads the packages of source, whose top folder has the import path
// root. What they import from elsewhere is not looked at.
func readCodebase(source fs.FS, root string) (*codebase, error) {
	c := &codebase{
		source:   source,
		root:     root,
		files:    token.NewFileSet(),
		packages: map[string]*types.Package{},
		declared: map[types.Object]*declaration{},
	}
	folders := map[string]bool{}
	err := fs.WalkDir(source, ".", func(name string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(path.Dir(name), "test") {
			folders[path.Dir(name)] = true
		}
		return err
	})
	for folder := range folders {
		if err == nil {
			_, err = c.Import(path.Join(root, folder))
		}
	}
	return c, err
}

// errElsewhere is an import that is not of the codebase.
var errElsewhere = errors.New("not of this codebase")

// Import is for [types.Config]: it reads a package, once.
func (c *codebase) Import(importPath string) (*types.Package, error) {
	folder, ours := strings.CutPrefix(importPath+"/", c.root+"/")
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
	return p, c.declare(p, syntax, info)
}

// parse parses the files of a folder.
func (c *codebase) parse(folder string) ([]*ast.File, error) {
	linux := build.Default
	linux.GOOS, linux.GOARCH, linux.CgoEnabled = "linux", "amd64", false
	linux.JoinPath = path.Join
	linux.OpenFile = func(name string) (io.ReadCloser, error) { return c.source.Open(name) }
	entries, err := fs.ReadDir(c.source, folder)
	if err != nil {
		return nil, err
	}
	var syntax []*ast.File
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		built, err := linux.MatchFile(folder, e.Name())
		if err != nil {
			return nil, err
		}
		if !built {
			continue
		}
		name := path.Join(folder, e.Name())
		text, err := fs.ReadFile(c.source, name)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(c.files, name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		syntax = append(syntax, f)
	}
	return syntax, nil
}

// declare notes the declarations of a package, and then what each mentions.
func (c *codebase) declare(p *types.Package, syntax []*ast.File, info *types.Info) error {
	nodes := map[ast.Decl]*declaration{}
	for _, f := range syntax {
		name := c.files.Position(f.Pos()).Filename
		text, err := fs.ReadFile(c.source, name)
		if err != nil {
			return err
		}
		code := codeLines(text)
		for _, node := range f.Decls {
			if gen, ok := node.(*ast.GenDecl); ok && gen.Tok == token.IMPORT {
				continue
			}
			d := &declaration{file: name, model: described(node), funcs: functionsOf(node)}
			for line := c.files.Position(node.Pos()).Line; line <= c.files.Position(node.End()).Line; line++ {
				if code[line] {
					d.lines++
				}
			}
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
		c.follow(node, d, p, info)
	}
	return nil
}

// follow notes what a declaration mentions, and a method with its type.
func (c *codebase) follow(node ast.Decl, d *declaration, p *types.Package, info *types.Info) {
	if f, ok := node.(*ast.FuncDecl); ok && f.Recv != nil {
		if owner := c.declared[p.Scope().Lookup(receiver(f))]; owner != nil {
			owner.mentions = append(owner.mentions, d)
		}
	}
	ast.Inspect(node, func(n ast.Node) bool {
		if ident, ok := n.(*ast.Ident); ok {
			if used := c.declared[info.Uses[ident]]; used != nil && used != d {
				d.mentions = append(d.mentions, used)
			}
		}
		return true
	})
}
