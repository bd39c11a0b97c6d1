local parley = Proto("parley", "Parley")
parley.prefs.port = Pref.uint("Port", 4711, "The TCP port of the server")

local kinds = { "HELLO", "CALL", "REPLY", "ITEM", "CANCEL", "CREDIT", "PING", "GOAWAY" }
local codes = { "canceled", "unknown", "invalid_argument", "deadline_exceeded", "not_found", "already_exists",
	"permission_denied", "resource_exhausted", "failed_precondition", "aborted", "out_of_range", "unimplemented",
	"internal", "unavailable", "data_loss", "unauthenticated" }
local settings = { "largest message", "stream window", "most calls", "assembly limit", "keepalive ms" }
local MORE, END, ERROR, DEADLINE, METADATA, ACK = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20

-- Service 255, which every peer has.
methods[0xff00] = { name = "runtime.Meta.Ping", params = {}, results = {} }
methods[0xff01] = { name = "runtime.Meta.Describe", params = {},
	results = { { "services", { "list", { "string" } } }, { "schema", { "string" } } } }
methods[0xff02] = { name = "runtime.Meta.Health", params = {}, results = {} }

-- What can be filtered by: parley.method == "room.Room.Join".
local f = {
	form = ProtoField.string("parley.form", "Form"),
	kind = ProtoField.uint8("parley.kind", "Kind", base.DEC, kinds),
	flags = ProtoField.uint8("parley.flags", "Flags", base.HEX),
	call = ProtoField.uint32("parley.call", "Call"),
	method = ProtoField.string("parley.method", "Method"),
	code = ProtoField.uint16("parley.code", "Code", base.DEC, codes),
	error = ProtoField.string("parley.error", "Error"),
	value = ProtoField.string("parley.value", "Value"),
	part = ProtoField.bytes("parley.part", "Part of a message"),
}
parley.fields = f
local malformed = ProtoExpert.new("parley.malformed", "Malformed", expert.group.MALFORMED, expert.severity.ERROR)
parley.experts = { malformed }
local tcp_stream = Field.new("tcp.stream")

-- What is known of each TCP stream: its form, and the methods of its calls. Both are known only where the capture has
-- the connection from its first byte on.
local streams = {}
function parley.init() streams = {} end

-- printable writes out what would upset a line or a terminal.
local function printable(text) return (text:gsub("%c", function(c) return string.format("\\x%02x", c:byte()) end)) end

-- A reader walks bytes. Its error, a table, ends the message.
local Reader = {}
Reader.__index = Reader

-- reader returns a reader of range, which is nil for no bytes; then whole says where what is read without bytes stands.
local function reader(range, whole, depth)
	return setmetatable({ range = range, whole = whole or range, at = 0, size = range and range:len() or 0, depth = depth or 0 }, Reader)
end

function Reader:take(n)
	if self.at + n > self.size then error({ text = "ends early, " .. n .. " bytes are wanted and " .. self.size - self.at .. " are there" }) end
	self.at = self.at + n
	return n > 0 and self.range(self.at - n, n) or nil
end
function Reader:left() return self.size - self.at end
function Reader:uint(n) return self:take(n):uint() end
function Reader:flag()
	local n = self:uint(1)
	if n > 1 then error({ text = "a bool or presence is neither 0 nor 1 but " .. n }) end
	return n == 1
end
function Reader:length()
	local n = self:uint(2)
	return n == 0xffff and self:uint(4) or n
end
function Reader:text()
	local n = self:length()
	local range = self:take(n)
	return range and range:string(ENC_UTF_8) or ""
end
function Reader:since(start) return self.at > start and self.range(start, self.at - start) or nil end

-- show adds a line to the tree for the bytes that were read since start. A filter sees plain in place of text, if it is there.
local function show(tree, r, start, name, text, plain)
	local range = r:since(start)
	local line = range and tree:add(f.value, range, plain or text) or tree:add(f.value, plain or text)
	line:set_text(name .. ": " .. text)
	return line
end

local integers = { int8 = 1, int16 = 2, int32 = 4, uint8 = 1, uint16 = 2, uint32 = 4 }
local scalar = {
	bool = function(r) return r:flag() and "true" or "false" end,
	int64 = function(r) return tostring(r:take(8):int64()) end,
	uint64 = function(r) return tostring(r:take(8):uint64()) end,
	float32 = function(r) return tostring(r:take(4):float()) end,
	float64 = function(r) return tostring(r:take(8):float()) end,
	string = function(r)
		local text = r:text()
		return '"' .. printable(text:gsub('[\\"]', "\\%0")) .. '"', text
	end,
	bytes = function(r)
		local n = r:length()
		local range = r:take(n)
		return n .. " bytes" .. (range and " " .. tostring(range:bytes()) or "")
	end,
	time = function(r)
		local seconds, nanoseconds = r:take(8):int64(), r:uint(4)
		local known, date = pcall(os.date, "!%Y-%m-%dT%H:%M:%S", seconds:tonumber())
		known = known and date -- some versions of Lua give nil for what is too far away, others an error
		return (known or tostring(seconds)) .. string.format(".%09d", nanoseconds) .. (known and "Z" or " s since 1970")
	end,
	duration = function(r) return tostring(r:take(8):int64()) .. " ns" end,
}

local value -- below
local composite = {}

-- fields shows values one after the other. Those behind the end are missing, which is allowed in lenient messages.
local function fields(tree, r, list)
	for _, field in ipairs(list) do
		if r:left() == 0 then return end
		value(tree, r, field[1], field[2])
	end
end

-- body returns a reader of what stands behind a length. Structs and unions stand in each other 64 deep at most.
local function body(r)
	if r.depth == 64 then error({ text = "more than 64 structs and unions inside each other" }) end
	return reader(r:take(r:length()), nil, r.depth + 1)
end

function composite.struct(tree, r, name, t)
	local start = r.at
	local inside = body(r)
	fields(show(tree, r, start, name, t[2]), inside, structs[t[2]])
end
function composite.enum(tree, r, name, t)
	local start = r.at
	local n = r:uint(2)
	show(tree, r, start, name, (enums[t[2]][n] or t[2]) .. " (" .. n .. ")")
end
function composite.union(tree, r, name, t)
	local start = r.at
	local tag = r:uint(2)
	local inside = body(r)
	local case = unions[t[2]][tag]
	local line = show(tree, r, start, name, tag == 0 and "none" or t[2] .. ", tag " .. tag)
	if case then value(line, inside, case[1], case[2]) end
end
function composite.list(tree, r, name, t)
	local start = r.at
	local n = r:length()
	local line = show(tree, r, start, name, n .. " elements")
	for i = 1, n do value(line, r, "[" .. i - 1 .. "]", t[2]) end
end
function composite.map(tree, r, name, t)
	local start = r.at
	local n = r:length()
	local line = show(tree, r, start, name, n .. " pairs")
	for _ = 1, n do
		value(line, r, "key", t[2])
		value(line, r, "value", t[3])
	end
end
function composite.optional(tree, r, name, t)
	local start = r.at
	if r:flag() then value(tree, r, name, t[2]) else show(tree, r, start, name, "absent") end
end

-- value shows a value of type t.
function value(tree, r, name, t)
	local start = r.at
	if composite[t[1]] then
		composite[t[1]](tree, r, name, t)
	elseif integers[t[1]] then
		local range = r:take(integers[t[1]])
		show(tree, r, start, name, tostring(t[1]:sub(1, 1) == "u" and range:uint() or range:int()))
	else
		show(tree, r, start, name, scalar[t[1]](r))
	end
end

-- named shows the method of that number, which is nil in a call whose CALL the capture does not have.
local function named(tree, r, number)
	if not number then return nil, "unknown call" end
	local m = methods[number]
	local name = m and m.name or string.format("method 0x%04x", number)
	tree:add(f.method, r.whole, name)
	return m, name
end

local function metadata(tree, r)
	for _ = 1, r:length() do
		local start = r.at
		local key, text = r:text(), r:text()
		show(tree, r, start, "metadata " .. printable(key), printable(text), text)
	end
end

local payload = {}

function payload.HELLO(tree, r)
	r:take(4)
	show(tree, r, r.at, "version", tostring(r:uint(1)))
	while r:left() >= 6 do
		local start = r.at
		local key, n = r:uint(2), r:uint(4)
		show(tree, r, start, settings[key] or "setting " .. key, tostring(n))
	end
end
function payload.CALL(tree, r, flags, call)
	call.number = r:uint(2)
	local m, name = named(tree, r, call.number)
	if bit.band(flags, DEADLINE) ~= 0 then value(tree, r, "deadline in ms", { "uint32" }) end
	if bit.band(flags, METADATA) ~= 0 then metadata(tree, r) end
	if m then fields(tree, r, m.params) end
	return name
end
function payload.REPLY(tree, r, flags, call)
	local m, name = named(tree, r, call.number)
	if bit.band(flags, METADATA) ~= 0 then metadata(tree, r) end
	if bit.band(flags, ERROR) == 0 then
		if m then fields(tree, r, m.results) end
		return name
	end
	local code = r:take(2)
	tree:add(f.code, code)
	local text = r:text()
	tree:add(f.error, r.range, text)
	local declared = r:text()
	if declared ~= "" then
		local line = tree:add(f.value, r.range, declared)
		line:set_text("error: " .. declared)
		if errors[declared] then fields(line, body(r), errors[declared]) end
	end
	return name .. " failed: " .. printable(text)
end
function payload.ITEM(tree, r, flags, call, from_caller)
	local m, name = named(tree, r, call.number)
	if bit.band(flags, END) ~= 0 then return name .. " end" end
	local item = m and (from_caller and m.sent or not from_caller and m.received)
	if item then value(tree, r, item[1], item[2]) end
	return name
end
function payload.CANCEL(tree, r, _, call)
	local _, name = named(tree, r, call.number)
	tree:add(f.code, r:take(2))
	value(tree, r, "message", { "string" })
	return name
end
function payload.CREDIT(tree, r, _, call)
	local _, name = named(tree, r, call.number)
	value(tree, r, "bytes", { "uint32" })
	return name
end
function payload.GOAWAY(tree, r)
	value(tree, r, "last call", { "uint32" })
	value(tree, r, "reason", { "string" })
end

-- guarded runs decode; what cannot be read marks the tree, unless the capture does not have it.
local cut = false
local function guarded(tree, decode)
	local ok, result = pcall(decode)
	if ok then return result end
	if cut then
		tree:append_text(", cut off in the capture")
		return "cut off"
	end
	tree:add_proto_expert_info(malformed, type(result) == "table" and result.text or tostring(result))
	return "malformed"
end

-- in_parts reports whether a frame is one of several of a message, which are not put together here. Frames come in
-- order at first, and in any order when they are shown again; so key, which tells frames apart, is remembered.
local function in_parts(stream, call, kind, flags, to_server, key, visited)
	if not visited then
		local open = kind .. (to_server and "to" or "from")
		local more = bit.band(flags, MORE) ~= 0
		stream.parts[key] = more or call[open] or nil
		call[open] = more or nil
	end
	return stream.parts[key]
end

-- frame shows one frame of a session.
local function frame(range, tree, stream, to_server, key, visited)
	local kind, flags, number = range(2, 1):uint(), range(3, 1):uint(), range(4, 4):uint()
	local name = kinds[kind] or "kind " .. kind
	local line = tree:add(parley, range, "Parley " .. name)
	line:add(f.kind, range(2, 1))
	line:add(f.flags, range(3, 1))
	line:add(f.call, range(4, 4))
	local call = stream.calls[number] or {}
	if number ~= 0 then stream.calls[number] = call end
	local rest = range:len() > 8 and range(8) or nil
	if in_parts(stream, call, kind, flags, to_server, key, visited) then
		if name == "CALL" and bit.band(flags, MORE) ~= 0 and not call.number and rest and rest:len() >= 6 then
			call.number = rest(4, 2):uint() -- behind the length of the whole
		end
		local _, method = named(line, reader(rest, range), call.number)
		if rest then line:add(f.part, rest) end
		line:append_text(", " .. method .. " part")
		return name .. " " .. method .. " part"
	end
	if not payload[name] then return name end
	local from_caller = to_server == (number % 2 == 1)
	local what = guarded(line, function() return payload[name](line, reader(rest, range), flags, call, from_caller) end)
	if what then line:append_text(", " .. what) end
	return name .. (what and " " .. what or "")
end

-- message shows a request or a response of the classic form.
local function message(range, tree, stream, to_server)
	local line = tree:add(parley, range, "Parley " .. (to_server and "request" or "response"))
	line:add(f.form, "classic")
	local r = reader(range:len() > 2 and range(2) or nil)
	return guarded(line, function()
		if to_server then stream.number = r:uint(2) end
		if not stream.number then return "response" end
		local m, name = named(line, reader(range), stream.number)
		line:append_text(", " .. name)
		if not m then return name end
		fields(line, r, to_server and m.params or m.results)
		if to_server then return name end
		local text = r:text()
		if text == "" then return name .. " done" end
		line:add(f.error, text)
		return name .. " failed: " .. printable(text)
	end)
end

-- is_session tells the form of a connection by the first of its bytes in the capture, which may be in the middle of it: a
-- request or response is all that there is, and a frame in the middle has a header that fits.
local function is_session(tvb, to_server)
	local length = tvb(0, 2):uint()
	if to_server and length == 0 then return true end
	if tvb:len() < 8 + length or tvb:len() == 2 + length then return false end
	local kind, of_connection = tvb(2, 1):uint(), tvb(4, 4):uint() == 0
	return kinds[kind] ~= nil and tvb(3, 1):uint() < 2 * ACK and of_connection == (kind == 1 or kind > 6)
end

local last_info -- what was shown last

function parley.dissector(tvb, pinfo, tree)
	local number = tcp_stream().value
	local to_server = pinfo.dst_port == parley.prefs.port
	local stream = streams[number]
	local at = 0
	if not stream then
		if tvb:len() < 2 then
			pinfo.desegment_offset, pinfo.desegment_len = 0, DESEGMENT_ONE_MORE_SEGMENT
			return
		end
		stream = { calls = {}, parts = {}, session = is_session(tvb, to_server), first = pinfo.number }
		streams[number] = stream
	end
	if stream.session and stream.first == pinfo.number and tvb(0, 2):uint() == 0 then
		at = 2
		tree:add(parley, tvb(0, 2), "Parley session")
	end
	pinfo.cols.protocol = "Parley"
	cut = tvb:reported_len() > tvb:len()
	local shown = {}
	local header = stream.session and 8 or 2
	while at < tvb:len() do
		local left = tvb:len() - at
		local size = left >= header and header + tvb(at, 2):uint() or nil
		if cut and left >= header and left < size then
			size = left
		elseif not size or left < size then -- the rest comes with the next segment
			pinfo.desegment_offset = at
			pinfo.desegment_len = size and size - left or DESEGMENT_ONE_MORE_SEGMENT
			break
		end
		local show_one = stream.session and frame or message
		shown[#shown + 1] = show_one(tvb(at, size), tree, stream, to_server, pinfo.number .. ":" .. at, pinfo.visited)
		at = at + size
	end
	if #shown == 0 then return end
	-- What is set stands behind what the same packet had before, when a segment ends one frame and begins others.
	local before = tostring(pinfo.cols.info)
	local again = last_info and before:sub(-#last_info) == last_info
	last_info = table.concat(shown, "; ")
	pinfo.cols.info = (again and "; " or "") .. last_info
end

-- The port is set after this file is read, and may change.
local tcp, registered = DissectorTable.get("tcp.port"), nil
local function register()
	if registered then tcp:remove(registered, parley) end
	registered = parley.prefs.port
	tcp:add(registered, parley)
end
function parley.prefs_changed() register() end
register()
