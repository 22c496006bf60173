from hexr_autoinst.capture.ebpf import dialect, layout, loaders

ROOT = loaders.sources_folder()


def test_every_program_and_map_of_the_first_loader_is_found_in_the_sources():
    found = dialect.read(ROOT, says_carried=True)

    assert {"born", "became", "ended", "state", "enter_SSL_read", "leave_SSL_read", "sends"} <= set(
        found.programs
    )
    assert found.programs["born"] == "tp_btf/sched_process_fork"
    assert {"data", "control", "counts", "verdicts", "streams", "owners", "copies", "libraries"} <= set(
        found.maps
    )
    assert found.maps["verdicts"]["value"] == "struct verdict"
    assert "flows" not in found.maps  # cleartext is not bcc's


def test_before_6_3_functions_of_the_kernel_stand_in():
    found = dialect.read(ROOT, says_carried=False)

    assert found.programs["enter_tcp_sendmsg"] == "kprobe/tcp_sendmsg"
    assert "sends" not in found.programs
    assert "carriers" in found.maps


def test_texts_hold_no_code_but_a_line_for_each_program():
    found = dialect.read(ROOT, says_carried=True)
    maps = dialect.maps_text(found, ["look"], {"data": 1 << 20})
    programs = dialect.programs_text(found, ["born"])

    assert "BPF_RINGBUF_OUTPUT(map_data, 1048576 / 4096);" in maps
    assert 'BPF_TABLE("hash", __u32, struct verdict, map_verdicts, 32768);' in maps
    assert 'BPF_TABLE("array", __u32, struct look, layout_look, 1);' in maps
    assert "int run_born(void *ctx) { return born(ctx); }" in programs
    assert programs.count("#include") == len(found.files)


def test_each_record_that_crosses_is_a_struct_of_the_sources():
    text = (ROOT / "events.h").read_text(encoding="utf-8")
    assert all(f"struct {record.name} {{" in text for record in layout.RECORDS)
