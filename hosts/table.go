package hosts

import "github.com/valetkey/valetkey/hosts/document"

// Host is an application that starts MCP servers, as data.
type Host struct {
	// Name is what a person types, and Title the name people know.
	Name, Title string
	// files are where its list of servers may be, by operating system, "" for any
	// other: the first that is there, else the first that doesn't begin with a
	// question mark. See [Machine.expand] for what stands in braces.
	files map[string][]string
	// signs are what is there if the host is, besides that file, and program is
	// what it is started by, "" for none.
	signs   []string
	program string
	format  document.Format
	// servers is the path of the table of servers in the file.
	servers []string
	shape   shape
	// Next says what makes the host notice a new server.
	Next string
}

// shape is how an entry of the table looks.
type shape struct {
	// before and after are what stands there besides, whatever the server.
	before, after document.Table
	// command, args and env are the names of the fields; without args the command
	// is a list with them in it.
	command, args, env string
	// reference is how a value in env names a variable of the person's environment,
	// with NAME in its place; "" where it can't.
	reference string
	// pass is the field that lists the variables to hand on; "" for none.
	pass string
	// always are handed on by pass, since the host strips them.
	always []string
	// whole says that the server inherits the whole environment of the host.
	whole bool
}

// plain is the shape that most hosts share.
func plain() shape { return shape{command: "command", args: "args", env: "env"} }

// All are the hosts that are known, as their documentation has them, in the order
// people are shown them.
// https://modelcontextprotocol.io/docs/develop/connect-local-servers
// https://code.claude.com/docs/en/mcp
// https://cursor.com/docs/mcp
// https://code.visualstudio.com/docs/copilot/reference/mcp-configuration
// https://docs.windsurf.com/windsurf/cascade/mcp
// https://zed.dev/docs/ai/mcp
// https://developers.openai.com/codex/mcp
// https://github.com/google-gemini/gemini-cli/blob/main/docs/tools/mcp-server.md
// https://docs.cline.bot/mcp/configuring-mcp-servers
// https://block.github.io/goose/docs/getting-started/using-extensions
// https://opencode.ai/docs/mcp-servers
func All() []Host {
	return []Host{
		claudeDesktop(), claudeCode(), cursor(), vsCode("vscode", "VS Code", "Code", "code"),
		vsCode("vscode-insiders", "VS Code Insiders", "Code - Insiders", "code-insiders"),
		windsurf(), zed(), codex(), gemini(), cline(), goose(), openCode(),
	}
}

func claudeDesktop() Host {
	return Host{
		Name: "claude-desktop", Title: "Claude Desktop",
		files: map[string][]string{
			// The packaged app sees a file of its own in place of the usual one.
			// https://learn.microsoft.com/en-us/windows/msix/desktop/desktop-to-uwp-behind-the-scenes
			"windows": {"{local}/Packages/Claude_*/LocalCache/Roaming/Claude/claude_desktop_config.json", "{config}/Claude/claude_desktop_config.json"},
			"":        {"{config}/Claude/claude_desktop_config.json"},
		},
		format: document.JSON, servers: []string{"mcpServers"}, shape: plain(),
		Next: "Quit it, also in the tray or menu bar, and start it again.",
	}
}

func claudeCode() Host {
	s := plain()
	s.before, s.whole = document.Table{{Name: "type", Value: "stdio"}}, true
	return Host{
		Name: "claude-code", Title: "Claude Code",
		files: map[string][]string{"": {"{CLAUDE_CONFIG_DIR:~}/.claude.json"}},
		signs: []string{"~/.claude"}, program: "claude",
		format: document.JSON, servers: []string{"mcpServers"}, shape: s,
		Next: "Start it anew, and look with: claude mcp list",
	}
}

func cursor() Host {
	s := plain()
	s.reference = "${env:NAME}"
	return Host{
		Name: "cursor", Title: "Cursor",
		files:  map[string][]string{"": {"~/.cursor/mcp.json"}},
		format: document.JSON, servers: []string{"mcpServers"}, shape: s,
		Next: "Switch valetkey on in its settings, under MCP.",
	}
}

func vsCode(name, title, folder, program string) Host {
	s := plain()
	s.before, s.whole = document.Table{{Name: "type", Value: "stdio"}}, true
	return Host{
		Name: name, Title: title,
		files:   map[string][]string{"": {"{config}/" + folder + "/User/mcp.json"}},
		program: program,
		format:  document.JSON, servers: []string{"servers"}, shape: s,
		Next: "Run the command MCP: List Servers, and start valetkey.",
	}
}

func windsurf() Host {
	s := plain()
	s.reference = "${env:NAME}"
	return Host{
		Name: "windsurf", Title: "Windsurf",
		files:  map[string][]string{"": {"~/.codeium/windsurf/mcp_config.json"}},
		format: document.JSON, servers: []string{"mcpServers"}, shape: s,
		Next: "Refresh the list of MCP servers in Cascade.",
	}
}

func zed() Host {
	s := plain()
	s.whole = true
	return Host{
		Name: "zed", Title: "Zed",
		files: map[string][]string{
			"windows": {"{config}/Zed/settings.json"},
			"darwin":  {"~/.config/zed/settings.json"},
			"":        {"{config}/zed/settings.json", "?~/.var/app/dev.zed.Zed/config/zed/settings.json"},
		},
		program: "zed",
		format:  document.JSON, servers: []string{"context_servers"}, shape: s,
		Next: "It notices by itself.",
	}
}

func codex() Host {
	s := plain()
	s.pass = "env_vars"
	// The keyring, the browser, and where configuration lies.
	s.always = []string{"DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY"}
	return Host{
		Name: "codex", Title: "Codex",
		files:   map[string][]string{"": {"{CODEX_HOME:~/.codex}/config.toml"}},
		program: "codex",
		format:  document.TOML, servers: []string{"mcp_servers"}, shape: s,
		Next: "Start it anew, and look with: codex mcp list",
	}
}

func gemini() Host {
	s := plain()
	s.reference = "$NAME"
	return Host{
		Name: "gemini", Title: "Gemini CLI",
		files:   map[string][]string{"": {"~/.gemini/settings.json"}},
		program: "gemini",
		format:  document.JSON, servers: []string{"mcpServers"}, shape: s,
		Next: "Start it anew in a folder that you trust, and look with: gemini mcp list",
	}
}

func cline() Host {
	const extension = "/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json"
	return Host{
		Name: "cline", Title: "Cline",
		files:   map[string][]string{"": {"~/.cline/data/settings/cline_mcp_settings.json", "?{config}/Code" + extension, "?{config}/Cursor" + extension}},
		program: "cline",
		format:  document.JSON, servers: []string{"mcpServers"}, shape: plain(),
		Next: "It notices by itself.",
	}
}

func goose() Host {
	return Host{
		Name: "goose", Title: "Goose",
		files: map[string][]string{
			"windows": {"{config}/Block/goose/config/config.yaml"},
			"darwin":  {"~/.config/goose/config.yaml"},
			"":        {"{config}/goose/config.yaml"},
		},
		program: "goose",
		format:  document.YAML, servers: []string{"extensions"},
		shape: shape{
			before:  document.Table{{Name: "name", Value: Entry}, {Name: "type", Value: "stdio"}},
			command: "cmd", args: "args", env: "envs",
			after: document.Table{{Name: "timeout", Value: int64(300)}, {Name: "enabled", Value: true}},
			whole: true,
		},
		Next: "Start a new session.",
	}
}

func openCode() Host {
	return Host{
		Name: "opencode", Title: "opencode",
		// The file with comments hides the other one.
		files: map[string][]string{
			"windows": {"?~/.config/opencode/opencode.jsonc", "~/.config/opencode/opencode.json", "?{local}/opencode/opencode.json"},
			"":        {"?{XDG_CONFIG_HOME:~/.config}/opencode/opencode.jsonc", "{XDG_CONFIG_HOME:~/.config}/opencode/opencode.json"},
		},
		program: "opencode",
		format:  document.JSON, servers: []string{"mcp"},
		shape: shape{
			before:  document.Table{{Name: "type", Value: "local"}},
			command: "command", env: "environment",
			after:     document.Table{{Name: "enabled", Value: true}},
			reference: "{env:NAME}", whole: true,
		},
		Next: "Start it anew, and look with: opencode mcp list",
	}
}
