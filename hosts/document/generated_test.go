package document

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestGenerated holds the promises of FuzzEdit for documents that are put
// together of what people write, since few texts by chance are documents.
func TestGenerated(t *testing.T) {
	t.Parallel()
	for format, generate := range map[Format]func(g generator) string{JSON: generator.json, TOML: generator.toml, YAML: generator.yaml} {
		documents, refused := 0, 0
		for seed := range uint64(200) {
			g := generator{rand.New(rand.NewPCG(seed, 0))}
			text := generate(g)
			d, err := Parse(format, []byte(text))
			if err != nil {
				continue
			}
			documents++
			if d.Set(Table{}, "m", "valetkey") != nil {
				refused++
			}
			for _, path := range [][]string{{"valetkey"}, {"m", "valetkey"}, {"m"}, {"m", "a"}} {
				setAndDelete(t, format, []byte(text), path)
				deleteOnly(t, format, []byte(text), path)
			}
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
		t.Logf("format %d: %d documents, %d refused", format, documents, refused)
		if documents < 100 || refused > documents/3 {
			t.Errorf("format %d: %d documents, %d refused", format, documents, refused)
		}
	}
}

type generator struct{ *rand.Rand }

func (g generator) one(of ...string) string {
	return of[g.IntN(len(of))]
}

func (g generator) json() string {
	return g.gap() + g.object(0) + g.gap()
}

func (g generator) gap() string {
	return g.one("", "", "", " ", "\n", "\n  ", "\r\n\t", " // c\n", "\n  // valetkey\n  ", "/* x\n */", " /* { , */ ", "\n\n")
}

func (g generator) object(depth int) string {
	names := []string{`"m"`, `"a"`, `"b"`, `"v\u0061letkey"`}
	g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	var members []string
	for _, name := range names[:g.IntN(4)] {
		value := g.one("1", "1.50", "null", `"// {,"`, "[1, 2,]", "[\n1 // x\n]", "{}")
		if depth < 2 && g.IntN(3) > 0 {
			value = g.object(depth + 1)
		}
		members = append(members, g.gap()+name+g.gap()+":"+g.gap()+value+g.gap())
	}
	trailing := ""
	if len(members) > 0 {
		trailing = g.one("", "", ","+g.gap())
	} else {
		trailing = g.gap()
	}
	return "{" + strings.Join(members, ",") + trailing + "}"
}

func (g generator) toml() string {
	var b strings.Builder
	end := g.one("\n", "\n", "\r\n")
	for range g.IntN(9) {
		b.WriteString(g.one("", "", "  ") + g.one(
			"", "", "# c", "# valetkey", "[m]", "[m.a]", "[m.a.b]", "[b] # c", "[[l]]", "[l.x]", "[m.valetkey]", "[m.valetkey.env]",
			"x = 1", "y = '''"+end+"# valetkey'''", "z = ["+end+" 1, # valetkey"+end+"]", "m = {}", "m = { a = 1 }", "a.b = 1", "m.c.d = 1979-05-27",
			"valetkey = { x = 1 }", "valetkey.x = 1", "valetkey.y = nan", "a = { b = { c = 'd' }, e = [ { f = 1 } ] } # }") + end)
	}
	return strings.TrimSuffix(b.String(), g.one("", "", end))
}

func (g generator) yaml() string {
	end := g.one("\n", "\n", "\r\n")
	text := g.one("", "", "---"+end, "# top"+end) + strings.Join(g.block("", 0), end) + end + g.one("", "", "", "..."+end)
	return strings.TrimSuffix(text, g.one("", "", end))
}

func (g generator) block(indent string, depth int) []string {
	names := []string{"m", "a", "'b'", "é", "valetkey"}
	g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	unit := g.one("  ", "  ", "    ")
	var lines []string
	for _, name := range names[:1+g.IntN(4)] {
		lines = append(lines, g.lines(indent)...)
		if depth < 3 && g.IntN(2) > 0 {
			lines = append(lines, indent+name+":"+g.one("", "", " # c", " "))
			lines = append(lines, g.block(indent+unit, depth+1)...)
			continue
		}
		value := g.one(" 1", " x # c", "", " # none", " ~", " {}", " { a: 'b', \"c\": [d, {e: f}], g: }", " {a: it's}", " {'a': b, m: {a: 1}} # }", " |", " >-", " [a, b]", " \"x", " 'y'", "-", " &x 1")
		lines = append(lines, indent+name+":"+strings.TrimSuffix(value, "-"))
		switch value {
		case " |", " >-":
			lines = append(lines, indent+unit+"# valetkey", "", indent+unit+"text")
		case " \"x":
			lines = append(lines, indent+unit+"# valetkey\"")
		case "-":
			lines = append(lines, indent+"- a", indent+"- b: 1", indent+"  c: 2")
		}
	}
	return append(lines, g.lines(indent)...)
}

func (g generator) lines(indent string) []string {
	return [][]string{nil, nil, nil, {""}, {indent + "# c"}, {"# valetkey"}, {indent + "# valetkey"}, {indent + "   # deep", ""}}[g.IntN(8)]
}
