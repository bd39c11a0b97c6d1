module example.test/chat

go 1.26
