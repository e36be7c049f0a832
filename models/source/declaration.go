package source

import (
	"bytes"
	"go/ast"
	"go/printer"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"github.com/fzipp/gocyclo"
)

// declaration is one at the top level of a file, with what it takes and what it
// mentions.
type declaration struct {
	file     string // with its folder
	exported bool
	model    string // the name of the Model that it describes, "" if none
	Amount
	mentions []*declaration
}

// declaredNames are the names that a declaration gives to the package; a method
// gives none.
func declaredNames(node ast.Decl) (names []*ast.Ident) {
	if f, ok := node.(*ast.FuncDecl); ok && f.Recv == nil {
		return []*ast.Ident{f.Name}
	}
	if gen, ok := node.(*ast.GenDecl); ok {
		for _, spec := range gen.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name)
			case *ast.ValueSpec:
				names = append(names, spec.Names...)
			}
		}
	}
	return names
}

func receiver(f *ast.FuncDecl) string {
	name, _, _ := strings.Cut(types.ExprString(f.Recv.List[0].Type), "[")
	return strings.TrimPrefix(name, "*")
}

// measure counts a declaration that was parsed without comments: its lines as they are
// printed, and the function that it is, with those inside it, or those that the values
// of a variable have.
func measure(node ast.Decl, files *token.FileSet) (a Amount) {
	var text bytes.Buffer
	printer.Fprint(&text, files, node)
	for line := range bytes.Lines(text.Bytes()) {
		if len(bytes.TrimSpace(line)) > 0 {
			a.Lines++
		}
	}
	function := func(name string, node ast.Node) {
		n := gocyclo.Complexity(node)
		a.add(Amount{Functions: 1, Cyclomatic: n, MostComplex: &Function{name, n}})
	}
	if f, ok := node.(*ast.FuncDecl); ok {
		name := f.Name.Name
		if f.Recv != nil {
			name = receiver(f) + "." + name
		}
		function(name, f)
		return a
	}
	ast.Inspect(node, func(n ast.Node) bool {
		literal, ok := n.(*ast.FuncLit)
		if ok {
			function("func in "+declaredNames(node)[0].Name, literal)
		}
		return !ok
	})
	return a
}

// described is the name in a literal of a Model, "" where there is none.
func described(node ast.Decl, info *types.Info) (name string) {
	ast.Inspect(node, func(n ast.Node) bool {
		if field, ok := n.(*ast.KeyValueExpr); ok {
			key, _ := field.Key.(*ast.Ident)
			value, _ := field.Value.(*ast.BasicLit)
			if v, ok := info.Uses[key].(*types.Var); ok && value != nil && v.IsField() && v.Name() == "Name" && v.Pkg().Path() == root {
				name, _ = strconv.Unquote(value.Value)
			}
		}
		return true
	})
	return name
}
