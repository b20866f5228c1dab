package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/valetkey/valetkey/audit"
)

// TestDecisionsAreKnown: valetkey audit knows each word that says what became of a call.
// The words are constants, and nobody who says one spells it.
func TestDecisionsAreKnown(t *testing.T) {
	t.Parallel()
	known := slices.Sorted(slices.Values(audit.Decisions()))
	if own := constants(t, "audit/decision.go"); !slices.Equal(own, known) {
		t.Errorf("the log knows %q, and its constants are %q", known, own)
	}
	said := constants(t, "gate/decision.go")
	for _, word := range said {
		if !slices.Contains(known, word) {
			t.Errorf("package gate says %q, which the log doesn't know", word)
		}
	}
	if len(said) < 10 || len(known) < 16 {
		t.Errorf("%q and %q: not all words were found", said, known)
	}
	eachFile(t, func(path string, file *ast.File) {
		if dir := filepath.ToSlash(filepath.Dir(path)); dir == "gate" || dir == "tools" || dir == "cli" {
			ast.Inspect(file, func(n ast.Node) bool {
				for _, value := range decisionsIn(n) {
					if text := literalIn(value); text != "" {
						t.Errorf("%s spells the decision %s; use a constant", path, text)
					}
				}
				return true
			})
		}
	})
}

// constants are the texts of a file's constants, sorted.
func constants(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, declared := range file.Decls {
		if group, is := declared.(*ast.GenDecl); is && group.Tok == token.CONST {
			ast.Inspect(group, func(n ast.Node) bool {
				if literal, is := n.(*ast.BasicLit); is {
					text, err := strconv.Unquote(literal.Value)
					if err != nil {
						t.Error(err)
					}
					texts = append(texts, text)
				}
				return true
			})
		}
	}
	slices.Sort(texts)
	return texts
}

// decisionsIn are the expressions of a node that become a decision.
func decisionsIn(n ast.Node) []ast.Expr {
	switch node := n.(type) {
	case *ast.CallExpr:
		if name := lastName(node.Fun); (name == "refused" || name == "decided") && len(node.Args) > 0 {
			return node.Args[:1]
		}
	case *ast.CompositeLit:
		if lastName(node.Type) == "Refused" && len(node.Elts) > 0 {
			return node.Elts[:1]
		}
	case *ast.AssignStmt:
		if lastName(node.Lhs[0]) == "Decision" {
			return node.Rhs
		}
	case *ast.FuncDecl:
		if name := node.Name.Name; name == "deniedBy" || name == "decisionOf" || name == "DecisionOf" {
			return returnedBy(node)
		}
	}
	return nil
}

func returnedBy(function *ast.FuncDecl) []ast.Expr {
	var values []ast.Expr
	ast.Inspect(function, func(n ast.Node) bool {
		if end, is := n.(*ast.ReturnStmt); is {
			values = append(values, end.Results...)
		}
		return true
	})
	return values
}

// lastName is the last part of a name.
func lastName(e ast.Expr) string {
	switch named := e.(type) {
	case *ast.Ident:
		return named.Name
	case *ast.SelectorExpr:
		return named.Sel.Name
	}
	return ""
}

// literalIn is the first text that is spelt in an expression; "": none is.
func literalIn(value ast.Expr) (text string) {
	ast.Inspect(value, func(n ast.Node) bool {
		if literal, is := n.(*ast.BasicLit); is && literal.Kind == token.STRING && text == "" {
			text = literal.Value
		}
		return true
	})
	return text
}
