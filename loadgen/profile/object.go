package profile

import (
	"debug/elf"
	"debug/gosym"
	"path"
	"strings"

	"github.com/google/pprof/profile"
	"github.com/ianlancetaylor/demangle"
)

type object struct {
	mapping *profile.Mapping
	name    string           // of functions without one, in brackets
	loads   []elf.ProgHeader // that are executed
	golang  *gosym.Table     // nil of what is not in Go
	symbols symbols
}

// readObject reads the symbols of an ELF file, as far as it has any: one that cannot be read
// has none.
func readObject(name string, files ...string) *object {
	o := &object{mapping: &profile.Mapping{File: name, HasFunctions: true}, name: strings.Trim(path.Base(name), "[]")}
	for _, file := range files {
		if f, err := elf.Open(file); err == nil {
			o.read(f)
			f.Close()
			break
		}
	}
	return o
}

func (o *object) read(f *elf.File) {
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && p.Flags&elf.PF_X != 0 {
			o.loads = append(o.loads, p.ProgHeader)
		}
	}
	if len(o.loads) > 0 {
		first := o.loads[0]
		o.mapping.Start, o.mapping.Limit, o.mapping.Offset = first.Vaddr, first.Vaddr+first.Memsz, first.Off
	}
	o.golang = readGo(f)
	listed, err := f.Symbols()
	if err != nil || len(listed) == 0 {
		listed, _ = f.DynamicSymbols()
	}
	var list []symbol
	for _, s := range listed {
		if kind := elf.ST_TYPE(s.Info); (kind == elf.STT_FUNC || kind == elf.STT_GNU_IFUNC) && s.Value != 0 && s.Section != elf.SHN_UNDEF {
			list = append(list, symbol{s.Value, s.Value + s.Size, s.Name})
		}
	}
	o.symbols = sortSymbols(list)
}

// readGo reads the table of Go's functions, which a stripped program has too.
func readGo(f *elf.File) *gosym.Table {
	text := f.Section(".text")
	for _, name := range []string{".gopclntab", ".data.rel.ro.gopclntab"} {
		section := f.Section(name)
		if section == nil || text == nil {
			continue
		}
		data, err := section.Data()
		if err != nil {
			return nil
		}
		table, err := gosym.NewTable(nil, gosym.NewLineTable(data, text.Addr))
		if err != nil {
			return nil
		}
		return table
	}
	return nil
}

// virtual is the address in the ELF file's own terms of what is at an offset in it.
func (o *object) virtual(offset uint64) uint64 {
	for _, p := range o.loads {
		if p.Off <= offset && offset-p.Off < p.Filesz {
			return offset - p.Off + p.Vaddr
		}
	}
	return offset
}

type frame struct {
	function, file string
	line           int
}

// at is the function at a virtual address; "[libc.so.6]" where the object does not say.
func (o *object) at(address uint64) frame {
	if o.golang != nil {
		if file, line, f := o.golang.PCToLine(address); f != nil {
			return frame{f.Name, file, line}
		}
	}
	if name := o.symbols.at(address); name != "" {
		return frame{function: demangle.Filter(name)}
	}
	return frame{function: "[" + o.name + "]"}
}
