package document

import (
	"math"
	"reflect"
	"testing"
)

func TestTOML(t *testing.T) {
	t.Parallel()
	const ours = "[mcp_servers.valetkey]\ncommand = \"/opt/valetkey\"\nargs = []\nenv = { VALET_SERVICES = \"github\" }\n"
	runAll(t, TOML, []edited{
		{"empty file", "", "mcp_servers.valetkey", entry(), ours},
		{"no table yet", "model = \"gpt\" # mine\n\n[tui]\nx = 1979-05-27\n# y = nan", "mcp_servers.valetkey", entry(),
			"model = \"gpt\" # mine\n\n[tui]\nx = 1979-05-27\n# y = nan\n\n[mcp_servers.valetkey]\ncommand = \"/opt/valetkey\"\nargs = []\nenv = { VALET_SERVICES = \"github\" }"},
		{"behind the others", "[mcp_servers.a]\ncommand = '''\nx'''\n\n[mcp_servers.a.env]\nK = \"v\"\n# L = \"w\"\n\n# screen\n[tui]\nx = nan\n", "mcp_servers.valetkey", entry(),
			"[mcp_servers.a]\ncommand = '''\nx'''\n\n[mcp_servers.a.env]\nK = \"v\"\n# L = \"w\"\n\n" + ours + "\n# screen\n[tui]\nx = nan\n"},
		{"above another's comment", "[mcp_servers.a]\nx = 1\n# screen\n[tui]\n", "mcp_servers.valetkey", entry(), "[mcp_servers.a]\nx = 1\n\n" + ours + "# screen\n[tui]\n"},
		{"replaced at its place", "[mcp_servers.valetkey] # ours\ncommand = \"old\"\n# args\nargs = [\n  \"x\",\n]\n\n[mcp_servers.valetkey.env]\nA = \"b\"\n\n[z]\n", "mcp_servers.valetkey", entry(), ours + "\n[z]\n"},
		{"in two places", "[mcp_servers.valetkey]\ncommand = \"old\"\n\n[z]\n\n[mcp_servers.valetkey.env]\nA = \"b\"\n", "mcp_servers.valetkey", entry(), ours + "\n[z]\n"},
		{"keys with dots", "[mcp_servers]\n  valetkey.command = \"old\"\n  valetkey.args = []\n  b.command = \"x\"\n", "mcp_servers.valetkey", Table{{"command", "new"}}, "[mcp_servers]\n  valetkey = { command = \"new\" }\n  b.command = \"x\"\n"},
		{"beside keys with dots", "mcp_servers.a.command = \"x\"\nmodel = \"m\"\n\n[tui]\n", "mcp_servers.valetkey", Table{{"command", "new"}}, "mcp_servers.a.command = \"x\"\nmodel = \"m\"\n\n[mcp_servers.valetkey]\ncommand = \"new\"\n\n[tui]\n"},
		{"inline table", "mcp_servers = { a = { command = \"x\" } } # all\n", "mcp_servers.valetkey", Table{{"command", "new"}}, "mcp_servers = { a = { command = \"x\" }, valetkey = { command = \"new\" } } # all\n"},
		{"empty inline table", "mcp_servers = {}\n", "mcp_servers.valetkey", Table{{"command", "new"}}, "mcp_servers = { valetkey = { command = \"new\" } }\n"},
		{"inline entry", "[mcp_servers]\nvaletkey = { command = \"old\" }\n", "mcp_servers.valetkey", Table{{"command", "new"}}, "[mcp_servers]\nvaletkey = { command = \"new\" }\n"},
		{"line ends", "[a]\r\nx = 1", "mcp_servers.valetkey", Table{{"command", "C:\\v\x7f"}}, "[a]\r\nx = 1\r\n\r\n[mcp_servers.valetkey]\r\ncommand = \"C:\\\\v\\u007f\""},
		{"names in quotes", "", "a b.valetkey", Table{{"é", int64(1)}, {"", true}}, "[\"a b\".valetkey]\n\"é\" = 1\n\"\" = true\n"},
	})
}

func TestDeleteTOML(t *testing.T) {
	t.Parallel()
	runAll(t, TOML, []edited{
		{"a table", "[a]\nx = 1\n\n# Valetkey, for GitHub\n[m.valetkey]\ncommand = \"x\"\n[m.valetkey.env]\n\n# b\n[b]\n", "m.valetkey", nil, "[a]\nx = 1\n\n# b\n[b]\n"},
		{"at the top", "# my settings\n[m.valetkey]\nx = 1\n", "m.valetkey", nil, "# my settings\n"},
		{"without a last line end", "[a]\r\n\r\n[m.valetkey]\r\nx = 1", "m.valetkey", nil, "[a]"},
		{"keys with dots", "m.valetkey.x = 1\nm.b.x = 1\nm.valetkey.y = 1\n", "m.valetkey", nil, "m.b.x = 1\n"},
		{"around another", "[m.valetkey]\n[l]\n[m.b]\n", "m.valetkey", nil, "[l]\n[m.b]\n"},
		{"a key below an empty line", "x = 1\n\nm.valetkey.a = 1\n", "m.valetkey", nil, "x = 1\n\n"},
		{"below a string that looks like a comment", "x = '''\n# valetkey'''\n[m.valetkey]\n", "m.valetkey", nil, "x = '''\n# valetkey'''\n"},
		{"inline", "m = { a = 1, valetkey = {} } # c\n", "m.valetkey", nil, "m = { a = 1 } # c\n"},
		{"the only inline", "m = { valetkey = {} }\n", "m.valetkey", nil, "m = {}\n"},
	})
}

func TestRefusedTOML(t *testing.T) {
	t.Parallel()
	refuseAll(t, TOML, []refused{
		{"a list of tables", "x = 1\n[[mcp_servers]]\nname = \"a\"\n", "mcp_servers.valetkey", []string{"line 2", `"mcp_servers"`, "by hand"}},
		{"a string", "mcp_servers = \"a\"\n", "mcp_servers.valetkey", []string{"line 1", `"mcp_servers"`, "by hand"}},
		{"dots in braces", "x = 1\nm = { a.b = 1 }\n", "m.a.valetkey", []string{"line 2", "by hand"}},
	})
}

func TestGetTOML(t *testing.T) {
	t.Parallel()
	const text = "a.b = 0x1_0\nf = 1_0.5\n[[l]]\nx = 1979-05-27\n[l.m]\ny = [true, { z = inf }]\n[[l]]\n[c]\n[a.d]\n"
	d, err := Parse(TOML, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := Table{
		{"a", Table{{"b", int64(16)}, {"d", Table{}}}}, {"f", 10.5},
		{"l", []any{Table{{"x", Literal("1979-05-27")}, {"m", Table{{"y", []any{true, Table{{"z", math.Inf(1)}}}}}}}, Table{}}}, {"c", Table{}},
	}
	if got, _ := d.Get(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
