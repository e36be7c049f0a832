package main

import (
	"go/ast"
	"go/scanner"
	"go/token"
	"strconv"
	"strings"

	"github.com/fzipp/gocyclo"
)

// declaration is one at the top level of a file, with what it takes and what it
// mentions. A type comes with its methods.
type declaration struct {
	file     string // with its folder
	exported bool
	model    string // the name of the Model that it describes, "" if none
	lines    int    // with code on them: no blank ones, no comments
	funcs    []function
	mentions []*declaration
}

// function is one with its cyclomatic complexity.
type function struct {
	Name       string `json:"function"`
	Cyclomatic int    `json:"cyclomatic"`
}

// declaredNames are the names that a declaration gives to the package; a method
// gives none.
func declaredNames(node ast.Decl) []*ast.Ident {
	switch node := node.(type) {
	case *ast.FuncDecl:
		if node.Recv == nil {
			return []*ast.Ident{node.Name}
		}
	case *ast.GenDecl:
		var names []*ast.Ident
		for _, spec := range node.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name)
			case *ast.ValueSpec:
				names = append(names, spec.Names...)
			}
		}
		return names
	}
	return nil
}

// receiver is the name of a method's type.
func receiver(f *ast.FuncDecl) string {
	t := f.Recv.List[0].Type
	for {
		switch of := t.(type) {
		case *ast.StarExpr:
			t = of.X
		case *ast.IndexExpr:
			t = of.X
		case *ast.IndexListExpr:
			t = of.X
		case *ast.Ident:
			return of.Name
		default:
			return ""
		}
	}
}

// functionsOf are the function that node declares, with those inside it, or those
// that the values of a variable have.
func functionsOf(node ast.Decl) []function {
	if f, ok := node.(*ast.FuncDecl); ok {
		name := f.Name.Name
		if f.Recv != nil {
			name = receiver(f) + "." + name
		}
		return []function{{name, gocyclo.Complexity(f)}}
	}
	var funcs []function
	ast.Inspect(node, func(n ast.Node) bool {
		literal, ok := n.(*ast.FuncLit)
		if ok {
			name := "func"
			if names := declaredNames(node); len(names) > 0 {
				name = "func in " + names[0].Name
			}
			funcs = append(funcs, function{name, gocyclo.Complexity(literal)})
		}
		return !ok
	})
	return funcs
}

// described is the name in a literal of a Model, "" where there is none.
func described(node ast.Decl) string {
	name := ""
	ast.Inspect(node, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok || !isModel(literal.Type) {
			return true
		}
		for _, e := range literal.Elts {
			field, _ := e.(*ast.KeyValueExpr)
			if field == nil {
				continue
			}
			key, _ := field.Key.(*ast.Ident)
			value, _ := field.Value.(*ast.BasicLit)
			if key != nil && key.Name == "Name" && value != nil {
				name, _ = strconv.Unquote(value.Value)
			}
		}
		return true
	})
	return name
}

// isModel reports whether an expression is the type Model, of any package.
func isModel(of ast.Expr) bool {
	if selected, ok := of.(*ast.SelectorExpr); ok {
		of = selected.Sel
	}
	name, ok := of.(*ast.Ident)
	return ok && name.Name == "Model"
}

// codeLines are the numbers of the lines that have code on them.
func codeLines(text []byte) map[int]bool {
	files := token.NewFileSet()
	file := files.AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, 0)
	lines := map[int]bool{}
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			return lines
		}
		if tok == token.SEMICOLON && literal == "\n" {
			continue // none is written
		}
		first := file.Line(pos)
		for line := first; line <= first+strings.Count(literal, "\n"); line++ {
			lines[line] = true
		}
	}
}
